"""Looking for models that many voters push together (`ratings.core.suspicion.pushing`): an alarm
for each, and votes that are held."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log10
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Max
from django.utils import timezone

from arena.desk.states import PUSHES
from arena.models import DeskPolicy, Suspect, Verdict, Vote
from arena.models import Push as PushRow

from ..archive.votes_file import OUTCOMES
from ..core.suspicion import pushing
from ..core.suspicion.leaning import Lean
from ..core.suspicion.pushing import BELONGS, LEAVES, Crowd, Push
from .arenas import Arena
from .weighing import Run

logger = logging.getLogger(__name__)

VOTES = 20_000  # of a campaign, the newest, are looked at
AMONG = 10 * VOTES  # of all campaigns, the newest
LOOKING = 0.1  # largest share of the time
CHANGED = 0.02  # of a probability, by which it is stored again
TITLE = "Pushed by many together"
COLUMNS = (
    "voter", "battle__contestant_a", "battle__contestant_b", "verdict", "created", "standing",
)  # fmt: skip
Standing = Vote.Standing


class Looks:
    """When to look again: whenever there are new votes, but only so much of the time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock()
        self._seen: dict[int, datetime] = {}  # by campaign, when the newest votes were weighed

    def look(self, policy: DeskPolicy) -> None:
        began = self._clock()
        if began < self._next:
            return
        weighed = Suspect.objects.order_by().values_list("campaign").annotate(Max("weighed"))
        for campaign, newest in weighed:
            if self._seen.get(campaign) != newest:
                _look_at(Run(policy), campaign)
            self._seen[campaign] = newest
        self._next = self._clock() + (self._clock() - began) / LOOKING


looks = Looks()


def _look_at(run: Run, campaign: int) -> None:
    look = Look.at(run.arena(campaign))
    look.alarm()
    for known in look.known:
        belongs = look.belongs(known)
        if bool(belongs) != bool(known.belongs) or abs(belongs - known.belongs) > CHANGED:
            suspect = Suspect.objects.select_related("campaign").get(pk=known.pk)
            _judge(run, suspect, belongs, look.reason(known.voter, belongs))


def _judge(run: Run, suspect: Suspect, belongs: float, reason: Mapping[str, Any] | None) -> None:
    others = [each for each in suspect.reasons if each["rule"] != PUSHES]
    suspect.belongs, suspect.reasons = belongs, [*filter(None, [reason]), *others]
    suspect.save(update_fields=["belongs", "reasons"])
    if suspect.held is None:
        run.hold_if_suspected(suspect)
    elif not belongs:
        run.let_go_unless_suspected(suspect)


class Known(NamedTuple):
    """Of a voter who was weighed."""

    pk: int
    voter: int
    first: datetime
    held: datetime | None
    belongs: float
    forgiven: int

    @property
    def is_heard(self) -> bool:
        """Whoever is held for other reasons says nothing of a push."""
        return self.held is None or self.belongs > 0.0


@dataclass(frozen=True, eq=False)
class Look:
    """Attributes: known, of the voters, by any order; places, of each voter in the crowd."""

    arena: Arena
    known: Sequence[Known]
    places: Mapping[int, int]
    crowd: Crowd
    pushes: Sequence[Push]

    @classmethod
    def at(cls, arena: Arena) -> Look:
        votes = _votes(arena)
        suspects = Suspect.objects.filter(
            campaign=arena.campaign, voter__in={vote[0] for vote in votes}
        )
        known = [Known(*row) for row in suspects.values_list(*Known._fields)]
        of = {each.voter: each for each in known}
        heard = [vote for vote in votes if _is_heard(vote, of.get(vote[0]))]
        places, crowd = _crowd(arena, heard, of)
        pushes = pushing.pushes(crowd, *arena.usual, _going_on(arena)) if heard else []
        return cls(arena, known, places, crowd, pushes)

    def belongs(self, known: Known) -> float:
        """How likely, if it is likely enough."""
        if known.voter not in self.places:
            return 0.0
        found = pushing.belonging(self.pushes, len(self.places))[self.places[known.voter]]
        return round(float(found), 3) if found >= (LEAVES if known.belongs else BELONGS) else 0.0

    def reason(self, voter: int, belongs: float) -> dict[str, Any] | None:
        """In the form of the rules' reasons."""
        if not belongs:
            return None
        push = max(self.pushes, key=lambda each: each.belongs[self.places[voter]])
        words = (
            f"one of about {_voters(push)} who vote {_told(push, self.arena)} since "
            f"{_at(push.since):%Y-%m-%d %H:%M}, with a probability of {100 * belongs:.0f}%"
        )
        weight = round(max(log10(belongs / max(1.0 - belongs, 1e-3)), 0.1), 3)
        return {"rule": PUSHES, "title": TITLE, "weight": weight, "words": words, "speaks": True}

    def alarm(self) -> None:
        """Rows of the pushes, and an end for those that are over."""
        open_ones = PushRow.objects.filter(campaign=self.arena.campaign, over=None)
        keys = {place: key for key, place in self.arena.places.items()}
        seen = []
        for push in self.pushes:
            votes = int((push.belongs >= BELONGS)[self.crowd.voter].sum())
            model, favours = push.lean
            row, is_new = PushRow.objects.update_or_create(
                campaign=self.arena.campaign, contestant_id=keys[model], favours=favours, over=None,
                defaults={
                    "since": _at(push.since), "strength": round(push.strength, 2),
                    "is_known": push.is_known, "voters": _voters(push), "votes": votes,
                },
            )  # fmt: skip
            seen.append(row.pk)
            if is_new:
                logger.warning("a push: %s, strength %.1f", row, push.strength)
        open_ones.exclude(pk__in=seen).update(over=timezone.now())


def _going_on(arena: Arena) -> list[Lean]:
    """Of the pushes that were found before."""
    rows = PushRow.objects.filter(campaign=arena.campaign, over=None)
    leans = rows.values_list("contestant", "favours")
    return [(arena.places[key], favours) for key, favours in leans if key in arena.places]


def _votes(arena: Arena) -> list[tuple[Any, ...]]:
    """The newest, in the order in which they were cast: voter, both contestants, verdict, time,
    standing."""
    newest = Vote.objects.aggregate(newest=Max("pk"))["newest"] or 0
    votes = Vote.objects.filter(battle__campaign=arena.campaign, pk__gt=newest - AMONG)
    rows = votes.order_by("-pk").values_list(*COLUMNS)[:VOTES]
    return [row for row in rows if row[1] in arena.places and row[2] in arena.places][::-1]


def _is_heard(vote: tuple[Any, ...], known: Known | None) -> bool:
    """What was left out counts if its voter belongs to a push: else its riggers would have to be
    found anew."""
    if vote[-1] == Standing.COUNTED:
        return known is None or known.is_heard
    return known is not None and known.belongs > 0.0


def _crowd(
    arena: Arena, votes: Sequence[tuple[Any, ...]], known: Mapping[int, Known]
) -> tuple[dict[int, int], Crowd]:
    """The places of its voters, and the crowd."""
    came: dict[int, float] = {}
    for voter, *_, at, _standing in votes:
        first = known[voter].first if voter in known else at
        came[voter] = min(first.timestamp(), came.get(voter, np.inf))
    places = {voter: place for place, voter in enumerate(sorted(came, key=lambda each: came[each]))}
    votes = sorted(votes, key=lambda vote: places[vote[0]])
    crowd = Crowd(
        np.array([places[vote[0]] for vote in votes], dtype=np.int64),
        np.array([arena.places[vote[1]] for vote in votes], dtype=np.int64),
        np.array([arena.places[vote[2]] for vote in votes], dtype=np.int64),
        np.array([OUTCOMES[Verdict(vote[3])] for vote in votes], dtype=np.int64),
        np.array([vote[4].timestamp() for vote in votes]),
        np.array([came[voter] for voter in places]),
        np.array([voter in known and known[voter].forgiven > 0 for voter in places], dtype=bool),
    )
    return places, crowd


def _voters(push: Push) -> int:
    return int((push.belongs >= BELONGS).sum())


def _told(push: Push, arena: Arena) -> str:
    model, favours = push.lean
    return f"{'for' if favours else 'against'} {arena.names[model]}"


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
