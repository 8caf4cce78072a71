"""Votes in the admin: staff view them, exclude them with a reason, or count them again."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from ..browsing.read_only import ReadOnly
from ..counting import reasons, standing
from ..models import Vote


class ExclusionForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Shown to readers beside the number of votes left out, in files of votes and on "
        f"the vote's receipt. Usual reasons: {', '.join(reasons.WORDS)}.",
    )


class VoteAdmin(ReadOnly):
    list_display = [
        "battle", "verdict", "early", "standing", "standing_reason", "voter", "took", "created",
    ]  # fmt: skip
    list_filter = ["standing", "verdict", "early", "battle__campaign"]
    list_select_related = ["battle", "voter"]
    search_fields = ["battle__public_id", "=voter__pk", "standing_reason"]
    search_help_text = "A battle's public ID or a voter's number."
    actions = ["exclude_votes", "count_again"]

    @admin.display(description="seconds", ordering="seconds")
    def took(self, vote: Vote) -> str:
        return f"{vote.seconds:.1f}"

    def has_exclude_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("arena.change_vote")

    @admin.action(description="Exclude with a reason", permissions=["exclude"])
    def exclude_votes(self, request: HttpRequest, queryset: QuerySet[Vote]) -> HttpResponse | None:
        form = ExclusionForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, form, queryset.count())
        votes, reason = chosen(queryset), form.cleaned_data["reason"]
        changed = standing.exclude(votes, reason)
        self._note(request, votes, f"{changed} excluded", reason)
        return None

    @admin.action(description="Count again", permissions=["exclude"])
    def count_again(self, request: HttpRequest, queryset: QuerySet[Vote]) -> None:
        votes = chosen(queryset)
        changed = standing.count_again(votes)
        self._note(request, votes, f"{changed} counted again")

    def _ask(self, request: HttpRequest, form: ExclusionForm, votes: int) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Exclude {votes:,} vote{'' if votes == 1 else 's'}",
            "form": form,
            "chosen": request.POST.getlist("_selected_action"),
            "select_across": request.POST.get("select_across", "0"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/arena/vote/exclude.html", context)

    def _note(
        self, request: HttpRequest, votes: QuerySet[Vote], done: str, reason: str = ""
    ) -> None:
        """Log the change in the admin's history, and confirm it to the user."""
        said = f"{done}: {reason}" if reason else done
        LogEntry.objects.log_actions(str(request.user.pk), votes, CHANGE, change_message=said)
        said = f"Votes: {done}. Leaderboards update within seconds."
        self.message_user(request, said, messages.SUCCESS)


def chosen(votes: QuerySet[Vote]) -> QuerySet[Vote]:
    """The votes by primary key: a list filtered by standing no longer matches after a change."""
    return Vote.objects.filter(pk__in=list(votes.values_list("pk", flat=True)))
