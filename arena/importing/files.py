"""Streams the rows of CSV, JSON, JSON lines and Parquet files, in constant memory.

Every row has its line number, so that bad rows can be found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from evenhand.json_items import JsonBroken, items

from ..limits import IMPORTS
from .csv_rows import csv_rows
from .encoding import (
    EVERY,
    Broken,
    Progress,
    numbered_lines,
    open_text,
    read_text,
    report_bytes,
)
from .errors import ImportRefused
from .parquet_rows import parquet_rows

Row = dict[str, Any]


def rows(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    """The rows of a file, by its suffix, with their line numbers. Raises ImportRefused."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise unsupported(path)
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}. Check the path.")
    return reader(path, progress)


def unsupported(path: Path) -> ImportRefused:
    return ImportRefused(
        f"{path.name} is not a supported type of file: give a {', '.join(READERS)} file."
    )


def sha256_of(path: Path) -> str:
    """The hash of a file, or of a folder's file names and contents."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file())
        names = "".join(f"{file.name}:{sha256_of(file)}\n" for file in files)
        return hashlib.sha256(names.encode(errors="surrogateescape")).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json_lines(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    with open_text(path) as file:
        for number, line in numbered_lines(file, path, progress):
            if isinstance(line, Broken):
                yield number, line
            elif line.strip():
                yield number, _parsed(line)


def _parsed(line: str) -> Row | Broken:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits
        why = getattr(error, "msg", "nested too deeply, or a number too long")
        return Broken(f"it is not JSON ({why})", line.strip())
    return row if isinstance(row, dict) else Broken("it is not a JSON object", line.strip())


def _json(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    """A JSON array of objects, or JSON lines, which some releases also call `.json`."""
    with open_text(path) as file:
        first = read_text(file, path, 4096).lstrip()[:1]
    if first == "{":
        yield from _json_lines(path, progress)
        return
    with open_text(path) as file:
        try:
            found = items(partial(read_text, file, path), IMPORTS.item_characters)
            for count, (line, item) in enumerate(found):
                if count % EVERY == 0:
                    report_bytes(file, path, progress)
                is_row = isinstance(item, dict)
                yield line, item if is_row else Broken("it is not a JSON object", json.dumps(item))
        except JsonBroken as error:
            raise ImportRefused(f"{path.name}, {error} Nothing was imported.") from error


READERS = {".csv": csv_rows, ".jsonl": _json_lines, ".json": _json, ".parquet": parquet_rows}
