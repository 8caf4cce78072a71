"""On which prompts of a prepared campaign two contestants can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from ..models import Campaign, PreparedAnswer
from .strategies import Weights


def ready(campaign: Campaign) -> QuerySet[PreparedAnswer]:
    """Answers that can be judged."""
    return _done().filter(prompt__campaign=campaign)


def _done() -> QuerySet[PreparedAnswer]:
    return PreparedAnswer.objects.filter(state=PreparedAnswer.State.DONE).exclude(text="")


@dataclass(frozen=True, eq=False)
class Answered:
    """Who has answered in a campaign.

    Attributes:
        contestants: (n,) their primary keys, in order.
        together: (n, n) the number of prompts that both of two have answered.
    """

    contestants: tuple[int, ...]
    together: Weights

    @classmethod
    def of(cls, campaign: Campaign) -> Answered:
        # Asked before every battle, and changed by few: another answer changes one of these.
        state = ready(campaign).aggregate(number=Count("pk"), keys=Sum("pk"))
        return _answered(campaign.pk, state["number"], state["keys"])

    @classmethod
    def counted(cls, prompts: Counter[tuple[int, ...]]) -> Answered:
        keys = sorted({key for each in prompts for key in each})
        places = {key: place for place, key in enumerate(keys)}
        answered = np.zeros((len(prompts), len(keys)))
        for row, each in zip(answered, prompts, strict=True):
            row[[places[key] for key in each]] = 1
        times = np.array([*prompts.values()], dtype=float)
        return cls(tuple(keys), (answered.T * times) @ answered)

    def pairs(self, playing: Sequence[int] | None = None) -> Weights:
        """(m (m - 1) / 2,) prompts in common of each pair of `playing`, by default of all."""
        if playing is None:
            return _upper(self.together)
        places = {key: place for place, key in enumerate(self.contestants)}
        square = np.pad(self.together, (0, 1))  # the last row: who has answered nothing
        rows = np.array([places.get(key, -1) for key in playing], dtype=int)
        return _upper(square[np.ix_(rows, rows)])

    def left(self, seen: Iterable[frozenset[int]]) -> Weights:
        """(n (n - 1) / 2,) prompts in common of each pair, without those `seen`, once for each."""
        left = self.together.copy()
        places = {key: place for place, key in enumerate(self.contestants)}
        for one, other in seen:
            if one in places and other in places:
                left[places[one], places[other]] -= 1
                left[places[other], places[one]] -= 1
        return np.maximum(_upper(left), 0.0)


@lru_cache(maxsize=8)
def _answered(campaign: int, number: int, keys: int | None) -> Answered:
    by = ArrayAgg("revision__contestant", distinct=True)
    rows = ready(Campaign(pk=campaign)).order_by().values("prompt").annotate(by=by)
    # Most prompts were answered by the same contestants, so there are few different rows.
    return Answered.counted(Counter(tuple(each) for each in rows.values_list("by", flat=True)))


def prompts_of(campaign: Campaign, one: int, other: int) -> list[int]:
    """The prompts that both have answered."""
    of_both = ready(campaign).filter(revision__contestant__in=(one, other)).order_by()
    counted = of_both.values("prompt").annotate(n=Count("revision__contestant", distinct=True))
    return [*counted.filter(n=2).values_list("prompt", flat=True)]


def newest(answers: QuerySet[PreparedAnswer]) -> QuerySet[PreparedAnswer]:
    """Of each contestant on each prompt, the texts of its newest revision there: one or several."""
    newer = _done().filter(
        prompt=OuterRef("prompt"),
        revision__contestant=OuterRef("revision__contestant"),
        revision__number__gt=OuterRef("revision__number"),
    )
    return answers.filter(~Exists(newer))


def _upper(square: Weights) -> Weights:
    pairs: Weights = square[np.triu_indices(len(square), 1)]
    return pairs
