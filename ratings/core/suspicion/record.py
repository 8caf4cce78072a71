"""What the rules look at: the votes of one voter, and the arena they were cast in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ratings.core.data.arrays import FloatArray, IntArray, ReadOnly
from ratings.core.data.scale import POINTS_PER_NAT

WIN, TIE, LOSS = 0, 1, 2  # of one model of the pair
# Verdicts as `ratings.core.Verdict` numbers them (A, B, tie, both bad), to results for side A.
FOR_A = np.array([WIN, LOSS, TIE, TIE])
BELIEVED = 1.5  # score of another voter above which its agenda deserves no more


@dataclass(frozen=True, eq=False)
class Record(ReadOnly):
    """N votes of one voter, in the order in which they were cast.

    Attributes:
        a, b: models by index. verdict: as `Verdict` numbers them.
        at: when each was cast, in seconds.
        seconds: from the beginning of the battle to the vote.
        words: shown of both answers together; NaN if nobody knows.
        own: numbers of the prompts, the same for two that are nearly the same; -1 for one that is
            too short to compare, or that the site suggested.
        draws: a number in [0, 1) for each vote, the same each time it is looked at, for the random
            part of p-values.
    """

    a: IntArray
    b: IntArray
    verdict: IntArray
    at: FloatArray
    seconds: FloatArray
    words: FloatArray
    own: IntArray
    draws: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    def of(self, model: int) -> IntArray:
        """Positions of the votes on a model."""
        return np.flatnonzero((self.a == model) | (self.b == model))

    def results(self, model: int | IntArray, votes: IntArray) -> IntArray:
        """`WIN`, `TIE` or `LOSS` of a model in these votes."""
        for_a = FOR_A[self.verdict[votes]]
        return np.where(self.a[votes] == model, for_a, LOSS - for_a)

    def models(self) -> IntArray:
        return np.unique(np.concatenate([self.a, self.b]))


@dataclass(frozen=True, eq=False)
class Circle:
    """Other voters who have something in common with one.

    Attributes:
        what: they have in common, in words.
        others: their leanings, each a mapping of (model, whether they favour it) to an e-value.
        most: e-value that is believed of them at most.
    """

    what: str
    others: list[dict[tuple[int, bool], float]]
    most: float


@dataclass(frozen=True)
class Agenda:
    """What the votes of some other voters serve.

    Attributes:
        leans: models that they favour (True) or hurt.
        voters: how many.
        weight: what share of a bet it deserves, in any unit.
    """

    leans: frozenset[tuple[int, bool]]
    voters: int
    weight: float

    @classmethod
    def gathered(cls, voters: Iterable[tuple[Iterable[tuple[int, bool]], float]]) -> list[Agenda]:
        """One for each set of leanings, from those of voters and their scores."""
        scores: dict[frozenset[tuple[int, bool]], list[float]] = {}
        for leans, score in voters:
            scores.setdefault(frozenset(leans), []).append(score)
        return [
            cls(leans, len(each), float(sum(10.0 ** min(score, BELIEVED) for score in each)))
            for leans, each in scores.items()
            if leans
        ]


@dataclass(frozen=True, eq=False)
class Field(ReadOnly):
    """The arena around the votes.

    Attributes:
        scores: (M,) of the fitted model, Elo points; NaN for models without.
        tie: the fitted parameter of Davidson's model.
        plays: (M,) share of the votes of all voters on each model.
        names: (M,) of the models, for reasons.
        agendas: of the most suspicious other voters.
        circles: of the voter.
    """

    scores: FloatArray
    tie: float
    plays: FloatArray
    names: list[str]
    agendas: list[Agenda] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)

    def gaps(self, record: Record, model: int | IntArray, votes: IntArray) -> FloatArray:
        """By how much a model leads in these votes, in natural units; 0 if a score is unknown."""
        other = np.where(record.a[votes] == model, record.b[votes], record.a[votes])
        lead: FloatArray = np.nan_to_num((self.scores[model] - self.scores[other]) / POINTS_PER_NAT)
        return lead
