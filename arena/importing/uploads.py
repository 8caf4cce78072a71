"""Uploads: their size limit, and unpacking archives."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from ..limits import IMPORTS
from .characters import printable
from .encoding import encoding_of
from .errors import ImportRefused
from .files import READERS, unsupported

MOST = f"{IMPORTS.uploaded_bytes >> 30} GB"
LIMIT = f"At most {MOST}; import larger files with the command import_votes."
BEGINNING = 1 << 16  # bytes
NO_FILES = ("", ".", "..")
DAMAGED = (
    zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError
)  # fmt: skip


def bounded(upload: UploadedFile | None) -> UploadedFile | None:
    """Validate the size of a form's upload."""
    if upload is not None and (upload.size or 0) > IMPORTS.uploaded_bytes:
        raise ValidationError(
            f"The file is larger than {MOST}. Import it with the command import_votes."
        )
    return upload


def check_beginning(upload: UploadedFile, check: Callable[[Path], None]) -> None:
    """Check what the beginning of an upload shows already: its type, its encoding, and by `check`
    its header. Raises ImportRefused; what comes later in the file is reported by its rows."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / printable(Path(upload.name or "upload").name)[-100:]
        suffix = path.suffix.lower()
        if suffix not in (*READERS, ".zip"):
            raise unsupported(path)
        path.write_bytes(upload.read(BEGINNING))
        upload.seek(0)
        if suffix in (".parquet", ".zip"):
            return
        encoding_of(path)
        check(path)


@contextmanager
def stored(upload: UploadedFile) -> Iterator[Path]:
    """The upload as a file with its own name; for an archive, its only file or its folder."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / printable(Path(upload.name or "upload").name)
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        with unpacked(path) as found:
            yield found


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself; for an archive, its only file, or a temporary folder with all its files.
    Raises ImportRefused."""
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="unpacked-") as scratch:
        folder = Path(scratch) / path.stem
        folder.mkdir()
        _unpack(path, folder)
        files = [*folder.iterdir()]
        yield files[0] if len(files) == 1 else folder


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [each for each in opened.infolist() if is_wanted(each)]
            if sum(member.file_size for member in members) > IMPORTS.unpacked_bytes:
                raise ImportRefused(
                    f"{archive.name} holds more than {IMPORTS.unpacked_bytes >> 30} GB."
                )
            for member in members:
                with opened.open(member) as source, member_of(folder, member).open("wb") as file:
                    shutil.copyfileobj(source, file)
    except DAMAGED as error:
        raise ImportRefused(
            f"{archive.name} is not a .zip file, is damaged, or has a password. Pack it again."
        ) from error


def is_wanted(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a real file: macOS adds a metadata file for each."""
    path = Path(member.filename)
    hidden = path.name.startswith(".") or path.parts[:1] == ("__MACOSX",)
    return not member.is_dir() and path.name not in NO_FILES and not hidden


def member_of(folder: Path, member: zipfile.ZipInfo) -> Path:
    return folder / printable(Path(member.filename).name)
