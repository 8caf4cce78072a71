"""Imports as file jobs of the admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from arena.jobs.kinds import Kind, Made
from arena.jobs.progress import Note
from arena.models import Job
from arena.models.names import PLAIN
from arena.plurals import counted

from . import demo
from .csv_rows import open_csv
from .detecting import DETECT, detect, format_of
from .errors import ImportRefused
from .formats import FORMATS, plain_csv
from .intake import bring_in, check_slug
from .report import Report
from .uploads import LIMIT, bounded, check_beginning, unpacked

BAD_ROWS_SHOWN = 3  # by the page; the file with all of them is below


class ImportForm(forms.Form):
    file = forms.FileField(help_text=f"{LIMIT} A folder, such as LLMFAO's, as a .zip of its files.")
    format = forms.ChoiceField(
        choices=[
            (DETECT, "found from the file"),
            *((format.name, f"{format.name}: {format.title}") for format in FORMATS.values()),
        ]
    )
    campaign = forms.SlugField(
        max_length=50,
        help_text="Its name in addresses. It is created if none has that name.",
    )
    name = forms.CharField(
        label="Name of a new campaign", required=False, max_length=120, validators=[PLAIN]
    )
    source = forms.CharField(
        label="Source of a new campaign",
        required=False,
        max_length=300,
        validators=[PLAIN],
        help_text="Where its votes come from, for readers.",
    )
    dry_run = forms.BooleanField(
        required=False,
        initial=True,
        help_text="Report what would happen, and change nothing. The report has a button to import "
        "the same file.",
    )

    def clean_file(self) -> UploadedFile | None:
        return bounded(self.cleaned_data["file"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (upload := given.get("file")) and (format := given.get("format")):
            try:
                check_beginning(upload, partial(check_names, format))
            except ImportRefused as error:
                self.add_error("file", str(error))
        return given

    def clean_campaign(self) -> str:
        slug: str = self.cleaned_data["campaign"]
        try:
            check_slug(slug)
        except ImportRefused as error:
            raise ValidationError(str(error)) from error
        return slug


class ImportVotes(Kind):
    name = "import"
    needs_upload = True
    title = "Import votes"
    about = (
        "All votes in the file, or none if anything goes wrong. The background worker reads "
        "it, however long it takes. Rows that cannot be used are set aside in a file to download. "
        "An upload is deleted after its import; after a dry run that found votes it is "
        "kept for a day, and can be imported without being sent again."
    )
    form = ImportForm
    of_campaign = False  # the import may create the campaign
    may_look = "arena.change_campaign"  # rows set aside have their full content

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return str(asked["campaign"])

    def run(self, job: Job, note: Note) -> Made:
        asked = job.asked
        with unpacked(job.upload / job.name) as path:
            format = format_of(asked["format"], path)
            report = bring_in(
                format,
                path,
                asked["campaign"],
                dry_run=asked["dry_run"],
                progress=note,
                aside=job.folder / f"{Path(job.name).stem}.set-aside.csv",
                about={field: asked.get(field, "") for field in ("name", "source")},
            )
        offer = f"Import these {counted(report.votes, 'vote')}"
        return Made(
            [f"Format: {format.title}.", *told(report)],
            [report.aside] if report.aside else [],
            [*report.tables()],
            offer if asked["dry_run"] and report.votes else "",
        )

    def followed(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "dry_run": False}


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


def check_names(format: str, path: Path) -> None:
    """Check the header of a CSV file. Raises ImportRefused."""
    if path.suffix.lower() != ".csv":
        return
    if format == DETECT:
        detect(path)
    elif format == plain_csv.NAME:
        with open_csv(path) as file:
            plain_csv.check(file.header, path)


def told(report: Report) -> Sequence[str]:
    """The sentences of the command; without the path of a file that can be downloaded, which has
    all of its bad rows."""
    aside = report.aside and Path(report.aside.name)
    first = report.first_set_aside[:BAD_ROWS_SHOWN] if aside else report.first_set_aside
    return [*replace(report, aside=aside, first_set_aside=first).sentences()]
