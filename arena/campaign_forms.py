"""What the admin asks for when votes are brought in or given out, or answers are made."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django import forms
from django.core.files.uploadedfile import UploadedFile

from . import prompt_sets
from .exporting.formats import FORMATS as EXPORTS
from .exporting.orders import order
from .importing.errors import ImportRefused
from .importing.files import Row
from .importing.formats import FORMATS
from .importing.intake import bring_in
from .importing.report import Report
from .models import Campaign, Contestant, Export

MOST_UNPACKED = 2 << 30  # bytes of an archive


class ImportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(format.name, f"{format.name}: {format.title}") for format in FORMATS.values()]
    )
    file = forms.FileField(help_text="A folder, such as LLMFAO's, as a .zip of its files.")
    campaign = forms.SlugField(help_text="It is made if there is none of that name.")
    dry_run = forms.BooleanField(
        required=False, initial=True, help_text="Say what would happen, and change nothing."
    )

    def bring_in(self) -> Report:
        """Raises ImportRefused."""
        data = self.cleaned_data
        with stored(data["file"]) as path:
            return bring_in(
                FORMATS[data["format"]], path, data["campaign"], dry_run=data["dry_run"]
            )


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(format.name, f"{format.name}: {format.title}") for format in EXPORTS.values()]
    )
    file = forms.ChoiceField(
        choices=[
            (".parquet", "Parquet: small and quick to load"),
            (".jsonl", "JSON lines"),
            (".csv", "CSV: conversations as JSON within it"),
            (".json", "JSON array"),
        ]
    )

    def order(self, campaign: Campaign) -> Export:
        return order(campaign, self.cleaned_data["format"], self.cleaned_data["file"])


class PrepareForm(forms.Form):
    contestants = forms.ModelMultipleChoiceField(
        Contestant.objects.filter(revisions__number__gt=0).distinct(),
        help_text="Each answers every prompt of the campaign that it has not answered yet.",
    )
    file = forms.FileField(
        required=False, help_text="Prompts: .csv, .json, .jsonl or .parquet with a column 'prompt'."
    )
    typed = forms.CharField(
        required=False,
        widget=forms.Textarea,
        help_text="Or typed, with a blank line between two prompts.",
    )

    def has_prompts(self) -> bool:
        return bool(self.cleaned_data["file"] or self.cleaned_data["typed"].strip())

    def rows(self) -> Iterator[Row]:
        yield from prompt_sets.typed(self.cleaned_data["typed"])
        if self.cleaned_data["file"]:
            with stored(self.cleaned_data["file"]) as path:
                yield from prompt_sets.of_file(path)


@contextmanager
def stored(upload: UploadedFile) -> Iterator[Path]:
    """The upload as a file under its own name, or an archive's files as a folder."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / Path(upload.name or "upload").name
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        yield unpacked(path) if path.suffix == ".zip" else path


def unpacked(archive: Path) -> Path:
    """The files of an archive, all in one folder. Raises ImportRefused."""
    folder = archive.with_suffix("")
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise ImportRefused(f"{archive.name} holds more than {MOST_UNPACKED >> 30} GB.")
            for member in members:
                (folder / Path(member.filename).name).write_bytes(opened.read(member))
    except zipfile.BadZipFile as error:
        raise ImportRefused(f"{archive.name} is not a .zip file. Pack it again.") from error
    return folder
