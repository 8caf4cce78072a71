"""Imports as file jobs of the admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from arena.jobs.kinds import Kind, Made
from arena.jobs.progress import Note
from arena.models import Job

from . import demo
from .errors import ImportRefused
from .formats import FORMATS
from .intake import bring_in, check_slug
from .report import Report
from .uploads import LIMIT, bounded, unpacked


class ImportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(format.name, f"{format.name}: {format.title}") for format in FORMATS.values()]
    )
    file = forms.FileField(help_text=f"{LIMIT} A folder, such as LLMFAO's, as a .zip of its files.")
    campaign = forms.SlugField(max_length=50, help_text="It is created if none has that name.")
    dry_run = forms.BooleanField(
        required=False, initial=True, help_text="Report what would happen, and change nothing."
    )

    def clean_file(self) -> UploadedFile | None:
        return bounded(self.cleaned_data["file"])

    def clean_campaign(self) -> str:
        slug: str = self.cleaned_data["campaign"]
        try:
            check_slug(slug)
        except ImportRefused as error:
            raise ValidationError(str(error)) from error
        return slug


class ImportVotes(Kind):
    name = "import"
    title = "Import votes"
    about = (
        "All votes in the file, or none if anything goes wrong. The background worker reads "
        "it, however long it takes; then the upload is deleted. Rows that cannot be used are set "
        "aside in a file to download."
    )
    form = ImportForm
    of_campaign = False  # the import may create the campaign
    may_look = "arena.change_campaign"  # rows set aside have their full content

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return str(asked["campaign"])

    def run(self, job: Job, note: Note) -> Made:
        asked = job.asked
        with unpacked(job.upload / job.name) as path:
            report = bring_in(
                FORMATS[asked["format"]],
                path,
                asked["campaign"],
                dry_run=asked["dry_run"],
                progress=note,
                aside=job.folder / f"{Path(job.name).stem}.set-aside.csv",
            )
        return Made(told(report), [report.aside] if report.aside else [])


class FetchDemo(Kind):
    name = "demo"
    title = "Fetch the Chatbot Arena of August 2024"
    about = (
        "1.67 million votes on 129 models, aggregated per pair, from the package index: "
        "something to look at before the arena has votes of its own."
    )
    of_campaign = False

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return demo.ABOUT["name"]

    def run(self, job: Job, note: Note) -> Made:
        return Made(told(demo.add(note)))


def told(report: Report) -> Sequence[str]:
    """The sentences of the command; without the path of a file that can be downloaded."""
    aside = report.aside and Path(report.aside.name)
    return [*replace(report, aside=aside).sentences()]
