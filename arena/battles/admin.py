"""Battles in the admin, with their turns and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inference.contract.endings import FinishReason

from ..browsing import beginnings
from ..browsing.filters import Filters, M, OfBattles, WithDates, choice, one_of
from ..browsing.lists import QuickAdmin
from ..models import Answer, Battle, Contestant, Side, Turn, Verdict, Vote
from . import disclosures, page


class BattleFilters(OfBattles):
    lookups = {"state": "state", "verdict": "vote__verdict", "standing": "vote__standing"}

    state = choice("state", dict(Battle.State.choices))
    verdict = choice("verdict", {key: str(label) for key, label in Verdict.choices})
    standing = choice("standing of the vote", dict(Vote.Standing.choices))
    flag = choice(
        "with", {"early": "an early vote", "failed": "a failed answer", **disclosures.FLAGS}
    )

    def by_flag(self, flag: str) -> Q:
        if flag == "early":
            return Q(vote__early=True)
        if flag in disclosures.FLAGS:
            return Q(pk__in=disclosures.having(flag))
        failed = Answer.objects.filter(state=Answer.State.FAILED)
        return Q(pk__in=failed.values("turn__battle"))


class BattleAdmin(QuickAdmin):
    keyset = ("created", "pk")
    filters = BattleFilters
    list_display = ["prompt", "sides", "outcome", "campaign", "voter_number", "created"]
    list_select_related = ["contestant_a", "contestant_b", "campaign"]

    def filled(self, rows: Sequence[Any]) -> list[Any]:
        first = beginnings.of(battle.pk for battle in rows)
        votes = {vote.battle_id: vote for vote in Vote.objects.filter(battle__in=rows)}
        marks = disclosures.of(votes)
        for battle in rows:
            battle.mark = marks.get(battle.pk, "")
            battle.beginning = first.get(battle.pk, "")
            battle.its_vote = votes.get(battle.pk)
        return [*rows]

    @admin.display(description="first prompt")
    def prompt(self, battle: Any) -> str:
        return str(battle.beginning or battle.public_id)

    @admin.display(description="A and B")
    def sides(self, battle: Battle) -> SafeString:
        return pair(battle)

    @admin.display(description="outcome")
    def outcome(self, battle: Any) -> str:
        said = verdict_of(battle.its_vote) if battle.its_vote else battle.get_state_display()
        return f"{said}; {battle.mark}" if battle.mark else said

    @admin.display(description="voter")
    def voter_number(self, battle: Battle) -> SafeString:
        return of_voter(battle.voter_id)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The whole battle on one page, of which everybody sees what they may."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        battle = self.get_object(request, object_id)
        if battle is None:
            raise Http404("There is no such battle, or it is your own and waits for your vote.")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Battle {battle.public_id}",
            "whole": page.whole(battle, with_vote=request.user.has_perm("arena.view_vote")),
            "may_exclude": request.user.has_perm("arena.change_vote"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/battle/page.html", context)


def pair(battle: Battle) -> SafeString:
    return format_html("{} <br>{}", battle.contestant_a.name, battle.contestant_b.name)


def verdict_of(vote: Vote) -> str:
    early = ", early" if vote.early else ""
    standing = "" if vote.standing == vote.Standing.COUNTED else f" ({vote.get_standing_display()})"
    return f"{vote.get_verdict_display()}{early}{standing}"


def of_voter(voter: int) -> SafeString:
    return format_html('<a href="?voter={}">{}</a>', voter, voter)


class TurnFilters(WithDates):
    stopped = choice("stopped", {"yes": "yes", "no": "no"})

    def by_stopped(self, value: str) -> Q:
        return Q(stopped=value == "yes")


class TurnAdmin(QuickAdmin):
    filters = TurnFilters
    list_display = ["beginning", "battle_id", "number", "stopped", "created"]

    @admin.display(description="prompt")
    def beginning(self, turn: Turn) -> str:
        return beginnings.shortened(" ".join(turn.prompt[:200].split())) or "deleted"

    def address_of(self, row: Turn) -> str:
        return page.address(row.battle_id)


class AnswerFilters(Filters):
    lookups: ClassVar[dict[str, str]] = {
        "contestant": "revision__contestant",
        "state": "state",
        "finish": "finish_reason",
        "side": "side",
    }

    contestant = one_of(Contestant.objects.order_by("name"))
    state = choice("state", dict(Answer.State.choices))
    finish = choice("ended by", {one.value: one.value for one in FinishReason})
    side = choice("side", dict(Side.choices))

    def branches(self, rows: QuerySet[M]) -> list[QuerySet[M]]:
        """An index has the answers of each revision in order."""
        if self.is_valid() and (contestant := self.cleaned_data["contestant"]):
            others = self.narrow(rows, but="contestant")
            return [others.filter(revision=one) for one in contestant.revisions.all()]
        return super().branches(rows)


class AnswerAdmin(QuickAdmin):
    filters = AnswerFilters
    list_display = [
        "beginning", "side", "revision", "state", "attempt", "finish_reason", "first_words",
        "seconds", "speed", "trouble",
    ]  # fmt: skip
    list_select_related = ["turn", "revision__contestant"]

    @admin.display(description="answer")
    def beginning(self, answer: Answer) -> str:
        return beginnings.shortened(" ".join(answer.text[:200].split())) or f"answer {answer.pk}"

    @admin.display(description="first words [s]")
    def first_words(self, answer: Answer) -> str:
        return page.measured(answer.first_token_s)

    @admin.display(description="total [s]")
    def seconds(self, answer: Answer) -> str:
        return page.measured(answer.total_s)

    @admin.display(description="tokens/s")
    def speed(self, answer: Answer) -> str:
        return page.measured(answer.tokens_per_second)

    @admin.display(description="error")
    def trouble(self, answer: Answer) -> str:
        return beginnings.shortened(answer.error)

    def address_of(self, row: Answer) -> str:
        return f"{page.address(row.turn.battle_id)}#answer-{row.pk}"
