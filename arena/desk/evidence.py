"""What a moderator sees of a suspected voter: the reasons, the votes, and the board with and
without those that are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet

from ..browsing import beginnings
from ..counting import bulk
from ..counting.board_changes import board_view
from ..models import BulkChange, Objection, Suspect, Vote
from .holding import votes_of
from .states import PUSHES

SHOWN = 100  # votes, the newest
Standing = Vote.Standing


@dataclass(frozen=True)
class Evidence:
    suspect: Suspect

    @cached_property
    def all(self) -> QuerySet[Vote]:
        return votes_of(self.suspect.voter_id, self.suspect.campaign_id)

    @cached_property
    def held(self) -> list[int]:
        """Votes that wait for a decision, by primary key."""
        waiting = self.all.filter(standing=Standing.PENDING).order_by("pk")
        return [*waiting.values_list("pk", flat=True)[: bulk.MOST]]

    @cached_property
    def votes(self) -> Sequence[Any]:
        """The newest, each with the beginning of its prompt."""
        battles = ("battle__contestant_a", "battle__contestant_b", "battle__labels")
        found = [*self.all.select_related(*battles).order_by("-pk")[:SHOWN]]
        first = beginnings.of(vote.battle_id for vote in found)
        for vote in found:
            vote.beginning = first.get(vote.battle_id, "")  # type: ignore[attr-defined]
            vote.words = _words(vote)  # type: ignore[attr-defined]
        return found

    @property
    def score(self) -> str:
        return _minus(self.suspect.score, 1)

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return [
            {**reason, "adds": "–" if reason["rule"] == PUSHES else _minus(reason["weight"], 2)}
            for reason in self.suspect.reasons
        ]

    @cached_property
    def standings(self) -> list[tuple[str, int]]:
        """How many votes have which standing, in words."""
        rows = self.all.order_by("standing").values_list("standing").annotate(votes=Count("pk"))
        return [(str(Standing(standing).label), number) for standing, number in rows]

    @property
    def more(self) -> int:
        return max(0, sum(number for _, number in self.standings) - SHOWN)

    @property
    def boards(self) -> list[dict[str, Any]]:
        """Of now, and as it would be if the held votes counted."""
        if not self.held:
            return []
        return [board_view(board) for board in bulk.preview(self.held, Standing.COUNTED)["boards"]]

    @property
    def objections(self) -> QuerySet[Objection]:
        """What the voter has to say to it, the newest first."""
        return Objection.objects.filter(vote__in=self.all).select_related("vote").order_by("-pk")

    @property
    def changes(self) -> QuerySet[BulkChange]:
        """Every hold, exclusion and counting again of these votes that was made in bulk."""
        of_votes = self.all.filter(changes__bulk__isnull=False).values("changes__bulk")
        return BulkChange.objects.filter(pk__in=of_votes).select_related("by").defer("votes")


def _minus(number: float, digits: int) -> str:
    return f"{number:.{digits}f}".replace("-", "−")


def _words(vote: Vote) -> int | None:
    """Of both answers, as far as they were shown; None if nobody knows."""
    if vote.words_seen is not None:
        return 2 * vote.words_seen
    labels = getattr(vote.battle, "labels", None)
    style = labels.style if labels else []
    return style[0] + style[len(style) // 2] if style else None
