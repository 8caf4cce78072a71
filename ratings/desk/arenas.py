"""The arena that votes are weighed against: the fitted scores of a campaign, without a voter's own
votes, and who else leans how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from django.db.models import Q
from django.utils import timezone

from arena.labels.slices import OVERALL
from arena.models import Campaign, Contestant, Suspect, Tally

from ..core.data.arrays import FloatArray, IntArray
from ..core.suspicion.fitting import fitted, without
from ..core.suspicion.leaning import Lean
from ..core.suspicion.record import Agenda, Circle, Field, Record
from . import networks

HOUR = timedelta(hours=1)
REMEMBERED = timedelta(days=90)
OTHERS = 200  # in a circle, the newest
SAME, SHARE = 3, 0.3  # keys of prompts in common, and their share of the fewer ones
AGENDAS = 20  # of the most suspicious others


@dataclass(frozen=True, eq=False)
class Arena:
    """A campaign at one moment.

    Attributes:
        at: which.
        places: number of each contestant, by primary key.
        rows: (P, 6) tallies of each pair that met, by number.
        suspicious: voters whose votes stand out, the most suspicious first.
    """

    campaign: Campaign
    at: datetime
    places: dict[int, int]
    names: list[str]
    rows: IntArray
    suspicious: Sequence[Suspect]
    suggested: set[int]

    @cached_property
    def usual(self) -> tuple[FloatArray, float]:
        """The fitted model of all votes, for voters whose own don't matter."""
        return fitted(self.rows, len(self.names))

    def without(self, record: Record) -> IntArray:
        """The rows without a voter's votes, if they matter."""
        return without(self.rows, record)

    def around(self, known: Suspect, rows: IntArray) -> Field:
        """What a voter's votes are weighed against, given the rows without them."""
        scores, tie = self.usual if rows is self.rows else fitted(rows, len(self.names))
        votes = rows[:, 2:].sum(axis=1)
        plays = np.bincount(rows[:, :2].ravel(), np.repeat(votes, 2), len(self.names))
        shares, others = plays / max(votes.sum(), 1), (self.agendas(known), self.circles(known))
        return Field(scores, tie, shares, self.names, *others)

    def agendas(self, known: Suspect) -> list[Agenda]:
        """Of the most suspicious voters other than this one."""
        others = [each for each in self.suspicious if each.pk != known.pk]
        return Agenda.gathered(
            ([*filter(None, map(self.lean, each.stands_out))], each.score)
            for each in others[:AGENDAS]
        )

    def lean(self, text: str) -> Lean | None:
        """A leaning as it is stored, such as "12+"; None if the contestant is gone."""
        place = self.places.get(int(text[:-1]))
        return None if place is None else (place, text[-1] == "+")

    def leanings(self, stored: Mapping[str, float]) -> dict[Lean, float]:
        found = {self.lean(text): e_value for text, e_value in stored.items()}
        return {lean: e_value for lean, e_value in found.items() if lean is not None}

    def circles(self, known: Suspect) -> list[Circle]:
        """Others who come from the same network, ask nearly the same, or came in the same hour."""
        others = Suspect.objects.filter(
            campaign=self.campaign, weighed__gt=timezone.now() - REMEMBERED
        ).exclude(voter=known.voter_id)
        asking = [
            (other.leanings, _same(other.keys, known.keys))
            for other in others.filter(keys__overlap=known.keys).order_by("-pk")[:OTHERS]
        ] if known.keys else []  # fmt: skip
        with_us = networks.alike(known, others.filter(weighed__gt=timezone.now() - HOUR))
        span = (known.first - HOUR, known.first + HOUR)
        near = others.filter(first__range=span).order_by("-pk").values_list("leanings", flat=True)
        alike = [self.leanings(stored) for stored, same in asking if same]
        came = [self.leanings(stored) for stored in near[:OTHERS]]
        there = [self.leanings(stored) for stored in with_us]
        found = [
            Circle("come from the same network", there, 30.0),
            Circle("ask nearly the same", alike, 100.0),
            Circle("came in the same hour", came, 10.0),
        ]
        return [circle for circle in found if circle.others]


def now(campaign: Campaign, suggested: set[int]) -> Arena:
    """Read it."""
    at = timezone.now()
    columns = Tally.objects.filter(campaign=campaign, slice=OVERALL).values_list(*Tally.COLUMNS)
    rows = np.array([*columns], dtype=np.int64).reshape(-1, len(Tally.COLUMNS))
    keys = np.unique(rows[:, :2])
    names = dict(Contestant.objects.filter(pk__in=keys.tolist()).values_list("pk", "name"))
    known = Suspect.objects.filter(campaign=campaign, weighed__gt=timezone.now() - REMEMBERED)
    trusted = Q(forgiven__gt=0, held=None)  # a moderator has counted their votes again
    out = known.exclude(trusted).exclude(stands_out=[]).order_by("-score", "-pk")
    numbered = np.hstack([np.searchsorted(keys, rows[:, :2]), rows[:, 2:]])
    places = {int(key): place for place, key in enumerate(keys)}
    return Arena(
        campaign,
        at,
        places,
        [names[int(key)] for key in keys],
        numbered,
        [*out[: AGENDAS + 1]],
        suggested,
    )


def _same(keys: Sequence[int], others: Sequence[int]) -> bool:
    """Whether two voters ask nearly the same: not just one thing that is often asked."""
    return len({*keys} & {*others}) >= max(SAME, SHARE * min(len(keys), len(others)))
