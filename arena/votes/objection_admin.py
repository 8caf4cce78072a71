"""The queue of objections in the admin: read, answer, and count or exclude the vote with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..models import Answer, Objection, Side, Suspect
from ..sites import path_of
from . import objections
from .objections import Outcome


class AnswerForm(forms.ModelForm):
    """The answer of an admin, and what it does with the vote."""

    outcome = forms.ChoiceField(choices=Outcome.choices, initial=Outcome.KEEP)
    reason = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="Of an exclusion. Shown to readers beside the number of votes left out.",
    )

    class Meta:
        model = Objection
        fields = ["answer"]
        widgets = {"answer": forms.Textarea({"rows": 5})}
        help_texts = {"answer": "Shown to the voter on the receipt of the vote."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "answer" in self.fields:
            self.fields["answer"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") == Outcome.EXCLUDE and not data.get("reason", "").strip():
            self.add_error("reason", "Give a reason for excluding the vote.")
        return data


class ObjectionAdmin(admin.ModelAdmin):
    form = AnswerForm
    list_display = ["created", "beginning", "standing", "state", "vote"]
    list_filter = ["state", "vote__standing", "vote__battle__campaign"]
    list_select_related = ["vote__battle"]
    # Open ones first, the longest waiting on top; below, those answered last.
    ordering = [F("answered").desc(nulls_first=True), "created"]
    search_fields = ["vote__battle__public_id", "text"]
    search_help_text = "A battle's public ID, or words of the objection."
    reading = (
        "text", "the_vote", "the_battle", "standing", "suspicion", "state", "created", "answered",
    )  # fmt: skip
    readonly_fields = reading

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Objection | None = None) -> bool:
        """An answer may change the vote. One that was given stands."""
        is_open = obj is None or obj.state == Objection.State.OPEN
        is_allowed = request.user.has_perm("arena.change_vote")
        return is_open and is_allowed and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Objection | None = None) -> list[Any]:
        if self.has_change_permission(request, obj):
            return [*self.reading[:-1], "answer", "outcome", "reason"]
        return [*self.reading, "answer"]

    def save_model(self, request: HttpRequest, obj: Objection, form: Any, change: bool) -> None:
        said = form.cleaned_data
        objections.answer(obj, said["answer"], said["outcome"], said["reason"])

    def construct_change_message(  # type: ignore[override]  # words may take the place of fields
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """For the logs: what became of it, without the words."""
        return Outcome(form.cleaned_data["outcome"]).label

    def response_change(self, request: HttpRequest, obj: Objection) -> HttpResponse:
        obj.refresh_from_db()
        return super().response_change(request, obj)

    @admin.display(description="objection")
    def beginning(self, objection: Objection) -> str:
        text = objection.text
        return text if len(text) < 80 else f"{text[:79]}…"

    @admin.display(description="standing", ordering="vote__standing")
    def standing(self, objection: Objection) -> str:
        vote = objection.vote
        reason = f": {vote.standing_reason}" if vote.standing_reason else ""
        return f"{vote.get_standing_display()}{reason}"

    @admin.display(description="on")
    def the_vote(self, objection: Objection) -> SafeString:
        href = path_of("admin:arena_vote_change", objection.vote_id)
        return format_html('<a href="{}">{}</a>', href, objection.vote)

    @admin.display(description="suspicion")
    def suspicion(self, objection: Objection) -> str:
        """The evidence on its voter, whose other votes may be held with this one."""
        vote = objection.vote
        of_voter = Suspect.objects.filter(voter=vote.voter_id, campaign=vote.battle.campaign_id)
        if (suspect := of_voter.first()) is None:
            return "none: the votes of its voter were not weighed"
        href = path_of("admin:arena_suspect_change", suspect.pk)
        state = "held" if suspect.held else "not held"
        return format_html('<a href="{}">score {}</a>, {}', href, f"{suspect.score:.1f}", state)

    @admin.display(description="battle")
    def the_battle(self, objection: Objection) -> SafeString:
        """Whom and what the vote was about: without it, nobody could judge the objection."""
        battle = objection.vote.battle
        names = {side: battle.contestant(side).name for side in Side}
        said = Answer.objects.filter(turn__battle=battle).select_related("turn")
        texts = ((names[Side(one.side)], one.text) for one in said.order_by("turn__number", "side"))
        prompts = (("Prompt", turn.prompt) for turn in battle.turns.order_by("number"))
        part = "<details><summary>{}</summary>{}</details>"
        whole = ((name, linebreaksbr(text)) for name, text in (*prompts, *texts))
        return format_html_join("", part, whole)
