"""The arena that simulated voters meet, and what a vote of theirs consists of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

A, B, TIE, BOTH_BAD = range(4)
POINTS_PER_NAT = 400 / np.log(10)
SECONDS = 86_400.0


@dataclass(frozen=True)
class Shown:
    """A battle as its voter sees it. Riggers know the models anyway: style gives them away in 95%
    of cases (arXiv 2501.07493), so they are told which ones answer, or a wrong guess."""

    a: int
    b: int
    words: int  # of both answers


@dataclass(frozen=True)
class Judged:
    """What the voter does about it."""

    verdict: int
    seconds: float


@dataclass(frozen=True)
class Cast:
    """A vote as it was cast."""

    voter: str
    a: int
    b: int
    verdict: int
    at: float
    seconds: float
    words: int
    prompt: str
    prefix: str
    is_by_rigger: bool = False
    is_rigged: bool = False
    is_suggested: bool = False


class Voter(Protocol):
    """A browser with a mind of its own."""

    name: str
    is_rigger: bool
    prefix: str  # of the address

    def times(self) -> Sequence[float]:
        """When it begins battles, in seconds."""

    def prompt(self) -> tuple[str, bool]:
        """What it asks, and whether the site suggested it."""

    def judge(self, shown: Shown) -> Judged | None:
        """None: it leaves the battle."""

    def is_rigged(self, shown: Shown) -> bool:
        """Whether a vote on it serves the rigging."""


@dataclass
class World:
    """Models with their true scores, and the people who judge them."""

    scores: np.ndarray
    rng: np.random.Generator
    tie: float = -0.35  # logarithm of Davidson's parameter: a quarter of even pairs are ties
    of_words: Callable[[np.random.Generator], float] = field(
        default=lambda rng: rng.lognormal(5.6, 0.7)
    )

    @classmethod
    def of(cls, models: int, seed: int, spread: float = 120.0) -> World:
        rng = np.random.default_rng(seed)
        return cls(1000 + spread * np.sort(rng.standard_normal(models))[::-1], rng)

    def verdict(self, a: float, b: float, tie: float = 0.0, side: float = 0.0) -> int:
        """Of somebody for whom the models have these scores; `tie` and `side` are habits."""
        gap = (a - b) / POINTS_PER_NAT + side
        odds = np.exp([gap / 2, -gap / 2, self.tie + tie])
        found = int(self.rng.choice(3, p=odds / odds.sum()))
        return int(self.rng.choice([TIE, BOTH_BAD], p=[0.6, 0.4])) if found == TIE else found

    def pair(self, at: float) -> tuple[int, int]:
        a, b = self.rng.choice(len(self.scores), 2, replace=False)
        return int(a), int(b)

    def vote(self, voter: Voter, at: float) -> Cast | None:
        a, b = self.pair(at)
        prompt, suggested = voter.prompt()
        shown = Shown(a, b, max(6, int(self.of_words(self.rng))))
        judged = voter.judge(shown)
        if judged is None:
            return None
        return Cast(
            voter.name, a, b, judged.verdict, at + judged.seconds, judged.seconds, shown.words,
            prompt, voter.prefix, voter.is_rigger, voter.is_rigged(shown), suggested,
        )  # fmt: skip

    def history(self, voters: Sequence[Voter]) -> list[Cast]:
        """All their votes, in the order of time."""
        found = [
            cast
            for voter in voters
            for at in voter.times()
            if (cast := self.vote(voter, at)) is not None
        ]
        return sorted(found, key=lambda cast: cast.at)
