"""What the admin asks for when votes are brought in, or answers are made."""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from ..importing.characters import printable
from ..importing.encoding import Progress
from ..importing.errors import ImportRefused
from ..importing.files import Row
from ..importing.formats import FORMATS
from ..importing.intake import bring_in
from ..importing.report import Report
from ..models import Contestant
from . import prompt_sets

MOST_UPLOADED = 1 << 30  # bytes
MOST_UNPACKED = 2 << 30  # bytes of an archive
LONGEST_S = 600.0  # that somebody waits for a page, and a connection of the database for them
NO_FILES = ("", ".", "..")
DAMAGED = (
    zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError
)  # fmt: skip


def bounded(upload: UploadedFile | None) -> UploadedFile | None:
    """What a form's file is cleaned by."""
    if upload is not None and (upload.size or 0) > MOST_UPLOADED:
        raise ValidationError(
            f"The file is larger than {MOST_UPLOADED >> 30} GB. Import it with the command "
            "import_votes."
        )
    return upload


class ImportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(format.name, f"{format.name}: {format.title}") for format in FORMATS.values()]
    )
    file = forms.FileField(help_text="A folder, such as LLMFAO's, as a .zip of its files.")
    campaign = forms.SlugField(max_length=50, help_text="It is made if there is none of that name.")
    dry_run = forms.BooleanField(
        required=False, initial=True, help_text="Say what would happen, and change nothing."
    )

    def clean_file(self) -> UploadedFile | None:
        return bounded(self.cleaned_data["file"])

    def bring_in(self) -> Report:
        """Raises ImportRefused."""
        data = self.cleaned_data
        with stored(data["file"]) as path:
            return bring_in(
                FORMATS[data["format"]],
                path,
                data["campaign"],
                dry_run=data["dry_run"],
                progress=until(time.monotonic() + LONGEST_S),
            )


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

    def clean_file(self) -> UploadedFile | None:
        return bounded(self.cleaned_data["file"])

    def has_prompts(self) -> bool:
        return bool(self.cleaned_data["file"] or self.cleaned_data["typed"].strip())

    def rows(self) -> Iterator[Row]:
        yield from prompt_sets.typed(self.cleaned_data["typed"])
        if self.cleaned_data["file"]:
            with stored(self.cleaned_data["file"]) as path:
                yield from prompt_sets.of_file(path)


def until(deadline: float) -> Progress:
    """Ends an import that nobody can wait for."""

    def progress(done: float) -> None:
        if time.monotonic() > deadline:
            raise ImportRefused(
                f"This takes longer than {LONGEST_S / 60:.0f} minutes. Import it with the command "
                "import_votes, which may take as long as it needs. Nothing was imported."
            )

    return progress


@contextmanager
def stored(upload: UploadedFile) -> Iterator[Path]:
    """The upload as a file under its own name, or an archive's file or folder."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / printable(Path(upload.name or "upload").name)
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        yield unpacked(path) if path.suffix.lower() == ".zip" else path


def unpacked(archive: Path) -> Path:
    """The files of an archive, all in one folder, or the only one. Raises ImportRefused."""
    folder = archive.with_suffix("")
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [each for each in opened.infolist() if is_wanted(each)]
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise ImportRefused(f"{archive.name} holds more than {MOST_UNPACKED >> 30} GB.")
            for member in members:
                with opened.open(member) as source, member_of(folder, member).open("wb") as file:
                    shutil.copyfileobj(source, file)
    except DAMAGED as error:
        raise ImportRefused(
            f"{archive.name} is not a .zip file, is damaged, or has a password. Pack it again."
        ) from error
    files = [*folder.iterdir()]
    return files[0] if len(files) == 1 else folder


def is_wanted(member: zipfile.ZipInfo) -> bool:
    """Macs add a file of their own to each."""
    path = Path(member.filename)
    hidden = path.name.startswith(".") or path.parts[:1] == ("__MACOSX",)
    return not member.is_dir() and path.name not in NO_FILES and not hidden


def member_of(folder: Path, member: zipfile.ZipInfo) -> Path:
    return folder / printable(Path(member.filename).name)
