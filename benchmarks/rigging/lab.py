"""The desk's rules against each strategy, without a site: python -m benchmarks.rigging.lab

Votes come in the order of time; every `EVERY` votes the scores are fitted to those that count, and
voters with new votes are weighed, as the site does it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ratings.core import Tallies, bradley_terry
from ratings.core.suspicion.fitting import fitted, without
from ratings.core.suspicion.record import Circle, Field, Record
from ratings.core.suspicion.rules.alike import STANDS_OUT
from ratings.core.suspicion.scoring import HOLD, Score, score
from ratings.core.suspicion.texts import Keys, keys_of, numbered

from .honest import Honest
from .strategies import STRATEGIES, Strategy
from .world import Cast, Voter, World

EVERY = 200
MODELS, HONEST, TARGET = 12, 500, 4


@dataclass
class Desk:
    """Holds the votes of voters with a high score; keeps what it knows of each."""

    names: list[str]
    cast: list[Cast] = field(default_factory=list)
    scores: dict[str, Score] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    keys: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    seen: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, votes: Sequence[Cast], texts: dict[str, Keys]) -> None:
        self.cast += votes
        rows = self.tallies()
        new = {vote.voter for vote in votes} - self.held
        own = defaultdict(list)
        for vote in self.cast:
            if vote.voter in new:
                own[vote.voter].append(vote)
        for name in sorted(new):
            self.weigh(name, own[name], rows, texts)

    def tallies(self) -> np.ndarray:
        n = len(self.names)
        counts = np.zeros((n, n, 4), dtype=np.int64)
        for vote in self.cast:
            if vote.voter not in self.held:
                verdict = 1 - vote.verdict if vote.a > vote.b and vote.verdict < 2 else vote.verdict
                counts[min(vote.a, vote.b), max(vote.a, vote.b), verdict] += 1
        first, second = np.nonzero(counts.sum(axis=2))
        return np.column_stack([first, second, counts[first, second]])

    def weigh(self, name: str, votes: list[Cast], rows: np.ndarray, texts: dict[str, Keys]) -> None:
        keys = [() if vote.is_suggested else texts[vote.prompt] for vote in votes]
        self.keys[name] |= {key for each in keys for key in each}
        self.seen[name] = votes[0].at, votes[-1].at
        circles = self.circles(name)
        of = record(votes, keys)
        rows = without(rows, of)
        n, total = len(self.names), rows[:, 2:].sum(axis=1)
        plays = np.bincount(rows[:, :2].ravel(), np.repeat(total, 2), n) / max(total.sum(), 1)
        out = self.standing_out(name)
        found = score(of, Field(*fitted(rows, n), plays, self.names, out, circles))
        self.scores[name] = found
        if found.reaches(HOLD):
            self.held.add(name)

    def standing_out(self, name: str) -> np.ndarray:
        counts = np.zeros((len(self.names), 2), dtype=np.int64)
        for other, known in self.scores.items():
            for (model, favours), e_value in known.leanings.items():
                if other != name and e_value >= STANDS_OUT:
                    counts[model, 0 if favours else 1] += 1
        return counts

    def circles(self, name: str) -> list[Circle]:
        mine, first = self.keys[name], self.seen[name][0]
        asking = [
            other
            for other in self.scores
            if other != name
            and len(self.keys[other] & mine) >= max(3, 0.3 * min(len(self.keys[other]), len(mine)))
        ]
        near = [
            other for other, (begun, _) in self.seen.items()
            if other != name and abs(begun - first) < 3600 and other in self.scores
        ]  # fmt: skip
        return [
            Circle(what, [self.scores[other].leanings for other in others], most)
            for what, others, most in (
                ("ask nearly the same", asking, 100.0), ("came in the same hour", near, 10.0)
            )
        ]  # fmt: skip


def record(votes: Sequence[Cast], keys: Sequence[Keys]) -> Record:
    def column(name: str, kind: type = float) -> np.ndarray:
        return np.array([getattr(vote, name) for vote in votes], dtype=kind)

    rng = np.random.default_rng(abs(hash(votes[0].at)))
    return Record(
        column("a", int), column("b", int), column("verdict", int), column("at"),
        column("seconds"), column("words"), numbered(keys), rng.random(len(votes)),
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How it ended.

    Attributes:
        caught: share of the first 200 rigged votes that were out when the 200th was cast.
        honest: share of honest votes held at the end; voters: of honest voters.
        until: rigged votes cast until the first hold.
        shift: ranks that the target gained, without the desk and with it.
    """

    strategy: str
    caught: float
    honest: float
    voters: float
    until: int | None
    shift: tuple[int, int]
    desk: Desk


def play(
    strategy: Strategy | None, seed: int, honest: int = HONEST, models: int = MODELS
) -> Outcome:
    world = World.of(models, seed)
    people: list[Voter] = [Honest(number, world) for number in range(honest)]
    riggers = [*strategy(world, TARGET)] if strategy else []
    votes = world.history([*people, *riggers])
    texts = {vote.prompt: keys_of(vote.prompt) for vote in votes}
    desk = Desk([f"Model {i}" for i in range(models)])
    rigged, caught, until = 0, 0.0, None
    for start in range(0, len(votes), EVERY):
        some = votes[start : start + EVERY]
        desk.take(some, texts)
        early = [vote for vote in desk.cast if vote.is_rigged][:200]
        out = sum(vote.voter in desk.held for vote in early)
        if out and until is None:
            until = len(early)
        if len(early) == 200 and rigged < 200:
            caught = out / 200
        rigged = len(early)
    by_people = [vote for vote in desk.cast if vote.voter.startswith("honest")]
    name = strategy.__name__ if strategy else "nobody"
    return Outcome(
        name, caught, sum(v.voter in desk.held for v in by_people) / len(by_people),
        sum(held.startswith("honest") for held in desk.held) / honest, until,
        shift(desk), desk,
    )  # fmt: skip


def shift(desk: Desk) -> tuple[int, int]:
    """Ranks that the target gains by the rigging: without the desk, and with it."""
    clean = [vote for vote in desk.cast if vote.voter.startswith("honest")]
    with_desk = [vote for vote in desk.cast if vote.voter not in desk.held]
    fair, open_, kept = (rank(desk, votes) for votes in (clean, desk.cast, with_desk))
    return fair - open_, fair - kept


def rank(desk: Desk, votes: Sequence[Cast]) -> int:
    a, b, verdict = (np.array([getattr(v, x) for v in votes]) for x in ("a", "b", "verdict"))
    scores = bradley_terry(Tallies.from_votes(a, b, verdict, len(desk.names)), draws=50).scores
    return 1 + int((scores > scores[TARGET]).sum())


def main() -> None:
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    only = [name for name in sys.argv[2:] if name != "-v"]
    print("strategy       caught  honest votes  voters  until  ranks gained without, with")
    for strategy in (None, *STRATEGIES):
        name = strategy.__name__ if strategy else "nobody"
        if only and name not in only:
            continue
        for seed in seeds:
            one = play(strategy, seed)
            print(
                f"{one.strategy:14} {one.caught:6.1%} {one.honest:12.2%} {one.voters:8.2%} "
                f"{one.until or 0:6} {one.shift}", flush=True,
            )  # fmt: skip
            for held in sorted(one.desk.held)[:8] if "-v" in sys.argv else []:
                print("   ", held, round(one.desk.scores[held].value, 2))
                for reason in one.desk.scores[held].reasons[:5]:
                    print(f"        {reason.weight:5.2f} {reason.rule}: {reason.words}")


if __name__ == "__main__":
    main()
