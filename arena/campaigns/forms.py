"""The form for generating answers in batch."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.core.files.uploadedfile import UploadedFile

from ..importing.files import Row
from ..importing.uploads import bounded, stored
from ..models import Contestant
from . import prompt_sets


class PrepareForm(forms.Form):
    contestants = forms.ModelMultipleChoiceField(
        Contestant.objects.filter(revisions__number__gt=0).distinct(),
        help_text="Each answers every prompt of the campaign that it has not answered yet.",
    )
    file = forms.FileField(
        required=False,
        help_text="Prompts: .csv, .json, .jsonl or .parquet with a column 'prompt', at most 1 GB.",
    )
    typed = forms.CharField(
        required=False,
        widget=forms.Textarea,
        help_text="Or type them, with a blank line between prompts.",
    )

    def clean_file(self) -> UploadedFile | None:
        return bounded(self.cleaned_data["file"])

    def has_prompts(self) -> bool:
        return bool(self.cleaned_data["file"] or self.cleaned_data["typed"].strip())

    def rows(self) -> Iterator[Row]:
        yield from prompt_sets.typed(self.cleaned_data["typed"])
        if self.cleaned_data["file"]:
            with stored(self.cleaned_data["file"]) as path:
                yield from prompt_sets.of_file(path)
