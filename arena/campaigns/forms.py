"""The forms of a campaign, of its invitations, and for generating answers in batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone

from .. import broker
from ..errors import Code, Refused
from ..importing.errors import ImportRefused
from ..importing.files import Row
from ..importing.uploads import bounded, check_beginning, stored
from ..labels.criteria import CRITERIA
from ..limits import CAMPAIGNS, PROMPTS
from ..matchmaking import ability
from ..models import Campaign, CampaignInvitation, Contestant
from . import prompt_sets


class Contestants(forms.ModelMultipleChoiceField):
    """Each with what keeps it from being drawn or from answering, such as “Oak (draft, weights
    missing)”."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._marks: dict[int, str] = {}

    def mark(self) -> None:
        """Look anew; without a broker, nothing is known."""
        self._marks = {}
        with broker.spared("which contestants can answer"):
            for each in ability.of(self.queryset or ()):
                words = [reason.why.value for reason in each.reasons]
                self._marks[each.contestant.pk] = f" ({', '.join(words)})" if words else ""

    def label_from_instance(self, obj: Contestant) -> str:
        return f"{obj}{self._marks.get(obj.pk, '')}"


class PrepareForm(forms.Form):
    contestants = Contestants(
        Contestant.objects.filter(revisions__number__gt=0).distinct(),
        help_text="Each answers every prompt of the campaign that it has not answered yet. Answers "
        "of one that cannot answer now wait until it can, and hold up no others.",
    )
    file = forms.FileField(
        required=False,
        help_text="Prompts: .csv, .json, .jsonl or .parquet with a column 'prompt', at most 1 GB. "
        "With 'check' (exact, number, choice or regex) and 'expected', answers are checked.",
    )
    typed = forms.CharField(
        required=False,
        widget=forms.Textarea,
        help_text="Or type them, with a blank line between prompts.",
    )

    texts = forms.IntegerField(
        label="Texts of each contestant per prompt",
        min_value=1,
        max_value=PROMPTS.texts,
        initial=1,
        required=False,
        help_text="Of several, each voter is shown one. A contestant that is asked with "
        "temperature 0 writes the same text again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["contestants"]
        if isinstance(chosen, Contestants):
            chosen.mark()

    def clean_file(self) -> UploadedFile | None:
        upload = bounded(self.cleaned_data["file"])
        try:
            if upload is not None:
                check_beginning(upload, prompt_sets.check_names)
        except ImportRefused as error:
            raise forms.ValidationError(str(error)) from error
        return upload

    def clean_texts(self) -> int:
        return self.cleaned_data["texts"] or 1

    def refuse(self, error: Refused) -> None:
        """At the field whose content was refused."""
        of_prompts = error.code in (Code.BAD_PROMPTS, Code.BAD_FILE)
        given = "file" if self.cleaned_data.get("file") else "typed"
        self.add_error(given if of_prompts else None, str(error))

    def has_prompts(self) -> bool:
        return bool(self.cleaned_data["file"] or self.cleaned_data["typed"].strip())

    def rows(self) -> Iterator[Row]:
        yield from prompt_sets.typed(self.cleaned_data["typed"])
        if self.cleaned_data["file"]:
            with stored(self.cleaned_data["file"]) as path:
                yield from prompt_sets.of_file(path)


class CampaignForm(forms.ModelForm):
    criteria = forms.MultipleChoiceField(
        choices=[(key, f"{each.name}: {each.question}") for key, each in CRITERIA.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=Campaign._meta.get_field("criteria").help_text,
    )

    class Meta:
        model = Campaign
        fields = "__all__"
        help_texts: ClassVar = {
            "languages": "Codes such as “en, de”: it takes and suggests prompts in these only, and "
            "its start page says so. Empty means any.",
        }
        widgets: ClassVar = {
            name: AdminTextareaWidget({"rows": 4})
            for name in ("description", "instructions", "questions")
        }

    def clean_criteria(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["criteria"]
        if len(chosen) > CAMPAIGNS.criteria:
            raise forms.ValidationError(
                f"Choose at most {CAMPAIGNS.criteria}: each is asked with every vote."
            )
        return chosen

    def clean_contestants(self) -> QuerySet[Contestant]:
        chosen: QuerySet[Contestant] = self.cleaned_data["contestants"]
        if len(chosen) == 1:
            raise forms.ValidationError("Choose at least two, or none for all that are active.")
        return chosen


class InvitationForm(forms.ModelForm):
    renew = forms.ChoiceField(
        label="Renew",
        choices=[("", "no"), *((str(n), f"for {n} days from now") for n in (7, 30, 90))],
        required=False,
        help_text="The link stays the same.",
    )

    class Meta:
        model = CampaignInvitation
        fields = ("note", "expires", "most_voters", "revoked")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if days := given.get("renew"):
            given["expires"] = timezone.now() + timedelta(days=int(days))
        return given
