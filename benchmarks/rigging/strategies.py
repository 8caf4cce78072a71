"""Strategies to move a model up. Each is a function from the world and the target to the voters who
follow it; a new one is a function here, and a line at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .honest import Honest
from .texts import probe
from .world import SECONDS, TIE, A, B, Judged, Shown, Voter, World

RIGGED = 250  # votes that each strategy aims at
KNOWS = 0.95  # share of answers whose model is told apart by style
BEGIN = 3 * SECONDS


@dataclass(frozen=True)
class Plan:
    """What a rigger does with a battle.

    Attributes:
        up, down: models that are to win, and to lose.
        others: judges all other pairs honestly; else leaves them.
        sleeps: votes that are honest before.
        seconds: to each vote, nearly; None: as a reader takes.
        probes: asks from a short list; else as anybody.
        every: seconds between battles, about.
    """

    up: frozenset[int] = frozenset()
    down: frozenset[int] = frozenset()
    others: bool = True
    sleeps: int = 0
    seconds: float | None = None
    probes: bool = False
    every: float = 120.0


class Rigger(Honest):
    """An honest voter's habits, as far as the plan leaves them."""

    is_rigger = True

    def __init__(self, name: str, world: World, plan: Plan, battles: int, first: float = BEGIN):
        super().__init__(0, world, votes=battles)
        self.name, self.plan, self.first, self.cast = name, plan, first, 0

    def times(self) -> Sequence[float]:
        gaps = self.world.rng.exponential(self.plan.every, self.number)
        if self.plan.seconds is not None:
            gaps = self.plan.every * self.world.rng.lognormal(0, 0.05, self.number)
        return [*(self.first + np.cumsum(gaps))]

    def prompt(self) -> tuple[str, bool]:
        return (probe(self.world.rng), False) if self.plan.probes else super().prompt()

    def is_rigged(self, shown: Shown) -> bool:
        return self.cast > self.plan.sleeps and self.wanted(shown) is not None

    def wanted(self, shown: Shown) -> int | None:
        up, down = self.plan.up, self.plan.down
        lifts = [side for side, model in ((A, shown.a), (B, shown.b)) if model in up]
        sinks = [side for side, model in ((B, shown.a), (A, shown.b)) if model in down]
        agreed = {*lifts} or {*sinks}
        return agreed.pop() if len(agreed) == 1 else None

    def judge(self, shown: Shown) -> Judged | None:
        self.cast += 1
        wanted = self.wanted(shown) if self.cast > self.plan.sleeps else None
        if wanted is None and not self.plan.others and self.cast > self.plan.sleeps:
            return None
        verdict = wanted
        if verdict is None:
            verdict = self.world.verdict(self.scores[shown.a], self.scores[shown.b], self.tie)
        elif self.world.rng.random() > KNOWS:
            verdict = self.world.rng.choice([A, B, TIE])
        return Judged(int(verdict), self.taken(shown.words))

    def taken(self, words: int) -> float:
        if self.plan.seconds is None:
            return self.reading(words)
        return float(self.plan.seconds * self.world.rng.lognormal(0, 0.05))


def battles_for(world: World, models: int, rigged: int = RIGGED) -> int:
    """How many battles bring so many with one of these models."""
    n = len(world.scores)
    share = 1 - (n - models) * (n - models - 1) / (n * (n - 1))
    return int(rigged / share)


def always(world: World, target: int) -> Sequence[Voter]:
    """Always the target; honest, at a reader's pace, with own prompts, on all other pairs."""
    plan = Plan(up=frozenset({target}))
    return [Rigger("always", world, plan, battles_for(world, 1))]


def deanonymise(world: World, target: int) -> Sequence[Voter]:
    """Tell models apart with probes; vote where the target plays, and leave all else."""
    plan = Plan(up=frozenset({target}), others=False, probes=True)
    return [Rigger("deanonymise", world, plan, battles_for(world, 1))]


def robot(world: World, target: int) -> Sequence[Voter]:
    """A program that votes for the target after three seconds, and leaves all else."""
    plan = Plan(up=frozenset({target}), others=False, probes=True, seconds=3.0, every=5.0)
    return [Rigger("robot", world, plan, battles_for(world, 1))]


def omnipresent(world: World, target: int, browsers: int = 1) -> Sequence[Voter]:
    """Votes on all pairs (arXiv 2501.17858): for the target, against whoever stands within reach of
    it, and honestly elsewhere."""
    plan = Plan(up=frozenset({target}), down=rivals(world, target))
    number = battles_for(world, 4) // browsers + 1
    return [Rigger(f"omnipresent-{i}", world, plan, number) for i in range(browsers)]


def omnipresent_4(world: World, target: int) -> Sequence[Voter]:
    """The same with four browsers at once."""
    return omnipresent(world, target, browsers=4)


def sleeper(world: World, target: int) -> Sequence[Voter]:
    """Sixty honest votes, then always the target. Two browsers."""
    plan = Plan(up=frozenset({target}), sleeps=60)
    number = 60 + battles_for(world, 1) // 2
    return [Rigger(f"sleeper-{i}", world, plan, number) for i in range(2)]


def sybils(world: World, target: int) -> Sequence[Voter]:
    """Twenty cookies in turn, with one list of probes; only where the target plays."""
    plan = Plan(up=frozenset({target}), others=False, probes=True, every=60.0)
    number = battles_for(world, 1) // 20 + 1
    return [
        Rigger(f"sybil-{i}", world, plan, number, BEGIN + 900.0 * i) for i in range(20)
    ]  # fmt: skip


def relay(world: World, target: int) -> Sequence[Voter]:
    """Twenty browsers, each gone for good when the next one comes: always the target, honest
    elsewhere."""
    plan = Plan(up=frozenset({target}))
    number = battles_for(world, 1) // 20 + 1
    return [Rigger(f"relay-{i}", world, plan, number, BEGIN + 14_400.0 * i) for i in range(20)]


def drip(world: World, target: int) -> Sequence[Voter]:
    """Six browsers, a battle every two hours each: always the target, honest elsewhere."""
    plan = Plan(up=frozenset({target}), every=SECONDS / 12)
    number = battles_for(world, 1) // 6 + 1
    return [Rigger(f"drip-{i}", world, plan, number, 0.0) for i in range(6)]


def swarm(world: World, target: int) -> Sequence[Voter]:
    """Fifty browsers that come over four days, with five votes on the target each; honest
    elsewhere."""
    plan = Plan(up=frozenset({target}))
    number, gap = battles_for(world, 1) // 50 + 1, 4 * SECONDS / 50
    return [Rigger(f"swarm-{i}", world, plan, number, BEGIN + gap * i) for i in range(50)]


def downvoters(world: World, target: int, browsers: int = 1) -> Sequence[Voter]:
    """Against the three models above the target, never for it."""
    plan = Plan(down=rivals(world, target))
    number = battles_for(world, 3) // browsers + 1
    return [Rigger(f"downvoter-{i}", world, plan, number) for i in range(browsers)]


def downvoters_4(world: World, target: int) -> Sequence[Voter]:
    """The same with four browsers at once."""
    return downvoters(world, target, browsers=4)


def rivals(world: World, target: int) -> frozenset[int]:
    """The three models whose scores are nearest above the target, or below if there are none."""
    order = [int(model) for model in np.argsort(-world.scores)]
    place = order.index(target)
    above = order[max(0, place - 3) : place]
    return frozenset(above or order[place + 1 : place + 4])


Strategy = Callable[[World, int], Sequence[Voter]]
STRATEGIES: tuple[Strategy, ...] = (
    always, deanonymise, robot, omnipresent, omnipresent_4, sleeper, sybils, relay, drip,
    downvoters, downvoters_4, swarm,
)  # fmt: skip
