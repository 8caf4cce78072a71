"""Exports as file jobs of the admin."""

from __future__ import annotations

from typing import Any

from django import forms

from arena.jobs.kinds import Kind, Made, campaign_of
from arena.jobs.progress import Note
from arena.models import Job
from arena.plurals import counted

from .formats import FORMATS
from .outlet import export, odd_in_words


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(format.name, f"{format.name}: {format.title}") for format in FORMATS.values()]
    )
    file = forms.ChoiceField(
        choices=[
            (".parquet", "Parquet: small and quick to load"),
            (".jsonl", "JSON lines"),
            (".csv", "CSV: conversations as JSON inside it"),
            (".json", "JSON array"),
        ]
    )
    guarded = forms.BooleanField(
        required=False,
        label="For a spreadsheet",
        help_text="CSV only: an apostrophe stands before each cell that a spreadsheet would take "
        "for a formula. Leave it out to have every text as it is.",
    )


class Export(Kind):
    name = "export"
    title = "Export votes"
    about = (
        "Only votes by people who agreed to publication, with personal data removed from the "
        "texts, under the campaign's licence. A data card comes with each file."
    )
    form = ExportForm
    holds_texts = True

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        return f"{campaign}-{asked['format']}{asked['file']}"

    def run(self, job: Job, note: Note) -> Made:
        format, slug = FORMATS[job.asked["format"]], campaign_of(job).slug
        guarded = bool(job.asked.get("guarded"))
        done = export(format, job.folder / job.name, slug, note, guarded=guarded)
        said = [f"{counted(done.votes, 'vote')}."]
        if done.skips:
            said.append(f"{counted(done.skipped, 'skipped battle')}.")
        if done.odd:
            said.append(odd_in_words(done.odd))
        if done.left_out:
            said.append(f"{done.left_out:,} left out for lack of consent.")
        return Made(said, done.files)
