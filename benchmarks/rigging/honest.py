"""Honest voters, with tastes, habits and moods of every strength."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .texts import question
from .world import SECONDS, Judged, Shown, World

TASTES = (0.0, 60.0, 125.0, 200.0, 300.0)  # points by which a voter's scores scatter
FANS = 0.1  # share of voters who love one model, half of them the best
LOVES = (100.0, 600.0)  # points
MISSED = (
    0.05  # share of voters whom a third of the models fails, in a language they don't know, say
)
FAILS = (100.0, 450.0)  # points


class Honest:
    """Reads, more or less, and says what it thinks."""

    is_rigger = False

    def __init__(self, number: int, world: World, days: float = 10.0, votes: int | None = None):
        self.world, rng = world, world.rng
        self.name, self.prefix = f"honest-{number}", f"net-{rng.integers(400)}"
        self.scores = world.scores + rng.choice(TASTES) * rng.standard_normal(len(world.scores))
        self.is_fan = bool(rng.random() < FANS)
        if self.is_fan:
            self.scores[0 if rng.random() < 0.5 else rng.integers(len(self.scores))] += rng.uniform(
                *LOVES
            )
        if rng.random() < MISSED:
            failing = rng.random(len(self.scores)) < 1 / 3
            self.scores = self.scores - failing * rng.uniform(*FAILS)
        self.tie, self.side = rng.normal(0, 0.7), rng.normal(0, 0.15)
        self.rate = rng.lognormal(np.log(5.0), 0.5)  # words a second, of a glance or of a study
        self.number = votes or int(min(1 + rng.lognormal(2.3, 1.1), 300))
        self.first = rng.uniform(0, days * SECONDS)
        self.suggested, self.repeats = rng.uniform(0, 0.5), rng.beta(0.6, 6.0)
        self.asked: list[str] = []

    def times(self) -> Sequence[float]:
        """In sittings of some battles, with days between them."""
        at, found = self.first, []
        for _ in range(self.number):
            found.append(at)
            is_over = self.world.rng.random() < 0.08
            at += self.world.rng.exponential(SECONDS if is_over else 90.0) + 15.0
        return found

    def prompt(self) -> tuple[str, bool]:
        rng = self.world.rng
        if rng.random() < self.suggested:
            return question(np.random.default_rng(int(rng.integers(30)))), True
        if self.asked and rng.random() < self.repeats:
            return self.asked[-1], False
        self.asked.append(question(rng))
        return self.asked[-1], False

    def judge(self, shown: Shown) -> Judged | None:
        rng = self.world.rng
        if rng.random() < 0.1:
            return None
        verdict = self.world.verdict(
            self.scores[shown.a], self.scores[shown.b], self.tie, self.side
        )
        return Judged(verdict, self.reading(shown.words))

    def reading(self, words: int) -> float:
        share = self.world.rng.uniform(0.4, 1.0)  # many stop when they have made up their minds
        wait = self.world.rng.lognormal(1.2, 0.6)
        return float(wait + share * words / self.rate)

    def is_rigged(self, shown: Shown) -> bool:
        return False
