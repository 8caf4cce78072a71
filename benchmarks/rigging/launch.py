"""Honest fans at a launch: what does the desk hold, and what does it raise an alarm about?

    python -m benchmarks.rigging.launch [--seeds 11 12 13 14 15] [--often 3] [crowd ...]

After five days a new model appears, and within two days a hundred people come for its sake. They
judge honestly, with a taste for it of 100 to 400 points. Votes are weighed as in
`benchmarks.rigging.lab`, beside 500 other honest voters who come over ten days.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .desk import Desk
from .honest import Honest
from .lab import EVERY, HONEST, MODELS, SEEDS, TARGET, reasons
from .strategies import battles_for
from .world import SECONDS, Cast, Judged, Shown, World

LAUNCH, CAME = 5 * SECONDS, 2.0  # when the model appears; days within which its fans come
FANS = 100
LIKES = (100.0, 400.0)  # points
LEAVES = 0.7  # share of the battles without it that choosy fans leave
EAGER = 10  # votes on it that eager fans stay for


@dataclass
class Launched(World):
    """One of the models appears later, and then plays `often` times as often as another."""

    often: float = 1.0

    def pair(self, at: float) -> tuple[int, int]:
        chances = np.ones(len(self.scores))
        chances[TARGET] = self.often if at >= LAUNCH else 0.0
        a, b = self.rng.choice(len(chances), 2, replace=False, p=chances / chances.sum())
        return int(a), int(b)


class Fan(Honest):
    """Comes for the new model's sake, and likes it."""

    leaves, stays = 0.0, 0

    def __init__(self, number: int, world: World):
        super().__init__(number, world, days=CAME)
        self.name, self.first = f"fan-{number}", LAUNCH + self.first
        self.scores = self.scores.copy()
        self.scores[TARGET] += world.rng.uniform(*LIKES)
        self.number = max(self.number, self.stays)

    def judge(self, shown: Shown) -> Judged | None:
        if TARGET not in (shown.a, shown.b) and self.world.rng.random() < self.leaves:
            return None
        return super().judge(shown)


def fans(world: World) -> Sequence[Honest]:
    """Vote on all pairs, as often as anybody."""
    return [Fan(number, world) for number in range(FANS)]


def choosy(world: World) -> Sequence[Honest]:
    """Know it by its style, and leave most battles without it."""
    return _such(world, leaves=LEAVES)


def eager(world: World) -> Sequence[Honest]:
    """Stay until they have met it ten times or so."""
    return _such(world, stays=battles_for(world, 1, EAGER))


def eager_and_choosy(world: World) -> Sequence[Honest]:
    """Both."""
    return _such(world, leaves=LEAVES, stays=battles_for(world, 1, EAGER))


def _such(world: World, **how: float) -> Sequence[Honest]:
    kind = type("Such", (Fan,), how)
    return [kind(number, world) for number in range(FANS)]


CROWDS = {each.__name__: each for each in (fans, choosy, eager, eager_and_choosy)}


@dataclass(frozen=True)
class Outcome:
    """What became of a launch.

    Attributes:
        fans, others: shares of the voters held at the end. ever: of the fans, at any look.
        pushes: looks at which a push for the new model was found, of `looks`; held: those at which
            it counted as known before, so that voters are held for it.
        votes: of fans on the new model, on average.
    """

    fans: float
    others: float
    ever: float
    pushes: int
    held: int
    looks: int
    votes: float


def votes_of(crowd: str, seed: int, often: float, honest: int) -> list[Cast]:
    """All votes, in the order of time; without fans if the crowd is "nobody"."""
    world = Launched(World.of(MODELS, seed).scores, np.random.default_rng([seed, 2]), often=often)
    people = [Honest(number, world) for number in range(honest)]
    return world.history([*people, *(CROWDS[crowd](world) if crowd in CROWDS else [])])


def play(
    crowd: str, seed: int, often: float = 3.0, every: int = EVERY, honest: int = HONEST
) -> tuple[Outcome, Desk]:
    """Looking after so many votes each time."""
    votes, desk, ever = votes_of(crowd, seed, often, honest), Desk(MODELS), set[str]()
    pushes = held = 0
    looks = range(0, len(votes), every)
    for start in looks:
        desk.take(votes[start : start + every])
        ever |= desk.held
        ours = [push for push in desk.pushes if push.lean == (TARGET, True)]
        pushes += bool(ours)
        held += any(push.is_known for push in ours)
    came = {name for name in desk.own if name.startswith("fan-")}
    on_it = sum(v.voter in came and TARGET in (v.a, v.b) for v in votes)
    found = Outcome(
        share(came, desk.held), share(desk.own.keys() - came, desk.held), share(came, ever),
        pushes, held, len(looks), on_it / max(len(came), 1),
    )  # fmt: skip
    return found, desk


def share(voters: Collection[str], held: Collection[str]) -> float:
    return len({*voters} & {*held}) / max(len(voters), 1)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="N")
    asked.add_argument("--often", type=float, default=3.0)
    asked.add_argument("--every", type=int, default=EVERY, help="votes between two looks")
    asked.add_argument("--reasons", action="store_true")
    asked.add_argument("only", nargs="*")
    said = asked.parse_args()
    for name in said.only or ["nobody", *CROWDS]:
        for seed in said.seeds:
            found, desk = play(name, seed, said.often, said.every)
            print(f"{name:17} {seed:3} {found}", flush=True)
            if said.reasons:
                reasons(desk)


if __name__ == "__main__":
    main()
