"""The receipt of a vote: whether it counts and why, and where anybody can check that. Nothing of it
is stored; it is made from the vote, the changes of its standing, and the published snapshots."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from django.conf import settings
from django.utils import timezone

from arena.counting.reasons import in_words
from arena.exporting import consent
from arena.exporting.votes import pseudonym
from arena.models import Campaign, Contestant, Objection, StandingChange, Vote
from arena.votes import criteria
from arena.votes.revealing import is_told

from ..boards.listing import OVERALL
from ..models import Snapshot
from .published import Line, line_of

Standing = Vote.Standing
Span = tuple[datetime, datetime | None]
TRIED = 3  # publications made while the vote's standing changed


@dataclass(frozen=True)
class Change:
    """A change of the vote's standing, in words."""

    at: datetime
    standing: str
    reason: str


@dataclass(frozen=True)
class First:
    """The first publication that counts the vote, and its line there, if votes are listed."""

    snapshot: Snapshot
    line: Line | None


class Receipt:
    """What the voter is told about a vote."""

    def __init__(self, vote: Vote) -> None:
        self.vote = vote
        self.id = vote.battle.public_id

    @property
    def names(self) -> dict[str, Contestant]:
        return {"A": self.vote.battle.contestant_a, "B": self.vote.battle.contestant_b}

    @property
    def criteria(self) -> list[tuple[str, str]]:
        return criteria.said_of(self.vote)

    @cached_property
    def is_told(self) -> bool:
        """Whether the voter may know whom the vote was about; the line of a file says it, too."""
        return is_told(self.vote.battle)

    @property
    def is_counted(self) -> bool:
        return self.vote.standing == Standing.COUNTED

    @property
    def is_pending(self) -> bool:
        return self.vote.standing == Standing.PENDING

    @property
    def reason(self) -> str:
        return in_words(self.vote.standing_reason)

    @cached_property
    def _changes(self) -> list[StandingChange]:
        return list(self.vote.changes.order_by("pk"))

    @property
    def changes(self) -> list[Change]:
        return [Change(one.at, one.after, in_words(one.reason)) for one in self._changes]

    @cached_property
    def first(self) -> First | None:
        """None if no publication counts it yet."""
        return next(self._counting(), None) if self.is_public else None

    def _counting(self) -> Iterator[First]:
        campaign = self.vote.battle.campaign_id
        board = Snapshot.objects.filter(board__campaign=campaign, board__slug=OVERALL)
        known = board.exclude(published=None).filter(last_vote_id__gte=self.vote.pk)
        for since, until in counted_in(self.vote, self._changes):
            found = known.filter(created__gte=since)
            found = found if until is None else found.filter(created__lt=until)
            for snapshot in islice(found.defer("archive").order_by("pk"), TRIED):
                line = line_of(snapshot, self.vote)
                if line is None or not line.left_out:
                    yield First(snapshot, line)

    @property
    def is_public(self) -> bool:
        """Whether the snapshots of its campaign are."""
        return self.vote.battle.campaign.visibility != Campaign.Visibility.INVITATION

    @property
    def minutes(self) -> int:
        """Until the next publication of its board is due."""
        last = Snapshot.objects.filter(
            board__campaign=self.vote.battle.campaign_id, board__slug=OVERALL
        ).exclude(published=None)
        newest = last.order_by("-pk").values_list("published", flat=True).first()
        due = newest + settings.PUBLISH_EVERY if newest else timezone.now()
        return max(1, math.ceil((due - timezone.now()).total_seconds() / 60))

    @cached_property
    def is_exported(self) -> bool:
        return consent.is_given(self.vote.voter)

    @property
    def key(self) -> str:
        """The id of the vote in exports; "" without the voter's consent."""
        return pseudonym("battle", self.vote.battle_id) if self.is_exported else ""

    @cached_property
    def objections(self) -> list[Objection]:
        return list(self.vote.objections.order_by("pk"))


def counted_in(vote: Vote, changes: list[StandingChange]) -> Iterator[Span]:
    """The times in which the vote counted, the last one perhaps without an end."""
    began, standing = vote.created, changes[0].before if changes else vote.standing
    for change in changes:
        if standing == Standing.COUNTED:
            yield began, change.at
        began, standing = change.at, change.after
    if standing == Standing.COUNTED:
        yield began, None
