"""Votes in the admin: staff view them, exclude them with a reason, or count them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString

from ..battles import disclosures, page
from ..battles.admin import of_voter, pair
from ..browsing import beginnings
from ..browsing.filters import OfBattles, choice
from ..browsing.lists import QuickAdmin
from ..counting import bulk
from ..errors import Refused
from ..models import Objection, Remark, Share, StandingChange, Verdict, Vote
from ..row_keys import key_of
from ..sites import path_of

Standing = Vote.Standing
MOST_REASONS = 1_000  # that one search takes in
FLAGS = {
    "early": "cast early",
    **disclosures.FLAGS,
    "open": "an open objection",
    "objected": "any objection",
    "remark": "a comment",
    "shared": "a public link",
    "blocked": "a blocked link",
}


class VoteFilters(OfBattles):
    to_battle = "battle__"
    created = "battle__created"  # as the list is ordered
    lookups = {"verdict": "verdict", "standing": "standing"}

    verdict = choice("verdict", {key: str(label) for key, label in Verdict.choices})
    standing = choice("standing", dict(Standing.choices))
    reason = forms.CharField(label="excluded because", required=False, max_length=100)
    flag = choice("with", FLAGS)
    change = forms.IntegerField(
        label="bulk change", required=False, min_value=1, max_value=2**63 - 1,
        widget=forms.TextInput({"inputmode": "numeric", "size": 8}),
    )  # fmt: skip

    def by_reason(self, text: str) -> Q:
        """By whole reasons, of which there are few: PostgreSQL knows how frequent each is."""
        left_out = Vote.objects.filter(~Q(standing=Standing.COUNTED)).order_by()
        fitting = left_out.filter(standing_reason__icontains=text)
        reasons = [*fitting.values_list("standing_reason", flat=True).distinct()[:MOST_REASONS]]
        return ~Q(standing=Standing.COUNTED) & Q(standing_reason__in=reasons)

    def by_change(self, key: int) -> Q:
        return Q(pk__in=StandingChange.objects.filter(bulk=key).values("vote"))

    def by_flag(self, flag: str) -> Q:
        if flag == "early":
            return Q(early=True)
        if flag in disclosures.FLAGS:
            return Q(battle__in=disclosures.having(flag))
        having: dict[str, QuerySet[Any]] = {
            "open": Objection.objects.filter(state=Objection.State.OPEN),
            "objected": Objection.objects.all(),
            "remark": Remark.objects.all(),
            "shared": Share.objects.filter(blocked=False),
            "blocked": Share.objects.filter(blocked=True),
        }
        return Q(pk__in=having[flag].values("vote"))


class VoteAdmin(QuickAdmin):
    keyset = ("battle__created", "battle_id")  # in the order of the battles, which have the indexes
    filters = VoteFilters
    list_display = ["prompt", "sides", "verdict", "early", "its_standing", "voter_number", "took",
                    "created"]  # fmt: skip
    list_select_related = ["battle__contestant_a", "battle__contestant_b"]
    actions = ["exclude_votes", "count_again"]

    def filled(self, rows: Sequence[Any]) -> list[Any]:
        first = beginnings.of(vote.battle_id for vote in rows)
        marks = disclosures.of(vote.battle_id for vote in rows)
        for vote in rows:
            vote.mark = marks.get(vote.battle_id, "")
            vote.beginning = first.get(vote.battle_id, "")
        return [*rows]

    def address_of(self, row: Vote) -> str:
        return f"{page.address(row.battle_id)}#vote"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of the battle has all of a vote; who may not see it gets the bare record."""
        may_see = request.user.has_perm("arena.view_vote") and request.user.has_perm(
            "arena.view_battle"
        )
        if not may_see:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method == "POST":
            raise PermissionDenied
        vote = get_object_or_404(Vote, pk=key_of(unquote(object_id)))
        return redirect(self.address_of(vote))

    @admin.display(description="first prompt")
    def prompt(self, vote: Any) -> str:
        return str(vote.beginning or vote.battle.public_id)

    @admin.display(description="A and B")
    def sides(self, vote: Vote) -> SafeString:
        return pair(vote.battle)

    @admin.display(description="standing")
    def its_standing(self, vote: Any) -> str:
        reason = f": {vote.standing_reason}" if vote.standing_reason else ""
        mark = f" ({vote.mark})" if vote.mark else ""
        return f"{vote.get_standing_display()}{reason}{mark}"

    @admin.display(description="voter")
    def voter_number(self, vote: Vote) -> SafeString:
        return of_voter(vote.voter_id)

    @admin.display(description="seconds")
    def took(self, vote: Vote) -> str:
        return f"{vote.seconds:.1f}"

    def has_exclude_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.change_vote")

    @admin.action(description="Exclude with a reason …", permissions=["exclude"])
    def exclude_votes(self, request: HttpRequest, queryset: QuerySet[Vote]) -> HttpResponse | None:
        return self._draft(request, queryset, Standing.EXCLUDED)

    @admin.action(description="Count again …", permissions=["exclude"])
    def count_again(self, request: HttpRequest, queryset: QuerySet[Vote]) -> HttpResponse | None:
        return self._draft(request, queryset, Standing.COUNTED)

    def _draft(
        self, request: HttpRequest, votes: QuerySet[Vote], after: str
    ) -> HttpResponse | None:
        """To the page that shows what the change would do, and does it."""
        try:
            change = bulk.draft(votes, after, request.user)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return None
        return redirect(path_of("admin:arena_bulkchange_change", change.pk))
