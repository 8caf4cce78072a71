"""Decodes files into lines: the only place where text is decoded and the length of lines is
limited."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..limits import IMPORTS
from .errors import ImportRefused

Progress = Callable[[float], None]  # called with the fraction read, 0 to 1
EVERY = 500  # rows between two calls of Progress
UTF8 = "utf-8-sig"  # with or without a byte order mark
# Programs that save "Unicode text" use one of these. UTF-32 first, as it begins like UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OTHERS = {
    b"PK\x03\x04": "an archive or a spreadsheet such as .xlsx",
    b"\xd0\xcf\x11\xe0": "a spreadsheet such as .xls",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True)
class Broken:
    """A row that could not be parsed."""

    reason: str
    text: str


def open_text(path: Path) -> TextIO:
    """Open a text file. Invalid UTF-8 bytes become lone surrogates, so that a bad row does not
    affect the others. Raises ImportRefused if it is not text."""
    encoding = encoding_of(path)
    errors = "surrogateescape" if encoding == UTF8 else "surrogatepass"
    return path.open(newline="", encoding=encoding, errors=errors)


def encoding_of(path: Path) -> str:
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}. Check the path.")
    with path.open("rb") as file:
        head = file.read(4096)
    for beginning, kind in OTHERS.items():
        if head.startswith(beginning):
            raise ImportRefused(
                f"{path.name} is not a text file but {kind}. Unpack it, or save it as CSV UTF-8."
            )
    encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), UTF8)
    if encoding == UTF8 and head.count(0) > len(head) // 4:
        raise ImportRefused(
            f"{path.name} is not UTF-8 text. Save it as UTF-8; Excel calls that “CSV UTF-8”."
        )
    return encoding


def read_text(file: TextIO, path: Path, size: int) -> str:
    return _decoded(file.read, path, size)


def numbered_lines(
    file: TextIO, path: Path, progress: Progress
) -> Iterator[tuple[int, str | Broken]]:
    """Lines with their numbers, starting at 1."""
    number = 0
    while line := _decoded(file.readline, path, IMPORTS.item_characters):
        number += 1
        if number % EVERY == 1:
            report_bytes(file, path, progress)
        if len(line) == IMPORTS.item_characters and not line.endswith(("\n", "\r")):
            _skip_line(file, path)
            why = f"it is longer than {IMPORTS.item_characters:,} characters"
            yield number, Broken(why, line[:1000])
        else:
            yield number, line


def report_bytes(file: TextIO, path: Path, progress: Progress) -> None:
    """Report the position in `file`. Asks its buffer, since `tell` fails during iteration."""
    progress(min(1.0, file.buffer.tell() / max(1, path.stat().st_size)))


def _skip_line(file: TextIO, path: Path) -> None:
    most = IMPORTS.item_characters
    while (rest := _decoded(file.readline, path, most)) and rest[-1] not in "\r\n":
        pass


def _decoded(read: Callable[[int], str], path: Path, size: int) -> str:
    """Raises ImportRefused on invalid UTF-16 and UTF-32; invalid UTF-8 is read as described."""
    try:
        return read(size)
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{path.name} is damaged {error.encoding} text. Save it as UTF-8 and import it again."
        ) from error
