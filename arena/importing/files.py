"""Rows of CSV, JSON, JSON lines and Parquet files, one after the other at constant memory.

Every row comes with the line it begins on, so that a bad one can be found.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from .errors import ImportRefused
from .json_items import JsonBroken, items

Row = dict[str, Any]
Progress = Callable[[float], None]  # called with the fraction read, 0 to 1
EVERY = 500  # rows between two calls of Progress


@dataclass(frozen=True)
class Broken:
    """A row that could not even be read."""

    reason: str
    text: str


def rows(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    """The rows of a file, by its suffix, with their line numbers. Raises ImportRefused."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ImportRefused(
            f"{path.name} is not of a kind that can be read: give a {', '.join(READERS)} file."
        )
    if not path.is_file():
        raise ImportRefused(f"There is no file {path}. Check the path.")
    return reader(path, progress)


def sha256_of(path: Path) -> str:
    """Of a file, or of all files of a folder with their names."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file())
        names = "".join(f"{file.name}:{sha256_of(file)}\n" for file in files)
        return hashlib.sha256(names.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_text(path: Path) -> TextIO:
    """UTF-8, with or without byte order mark; what is not becomes lone surrogates, so that one
    bad row does not stop the others."""
    return path.open(newline="", encoding="utf-8-sig", errors="surrogateescape")


def report_bytes(file: TextIO, path: Path, progress: Progress) -> None:
    """How far `file` has been read. It may be iterated meanwhile: its buffer is asked, not it."""
    progress(min(1.0, file.buffer.tell() / max(1, path.stat().st_size)))


def open_csv(file: TextIO, path: Path) -> tuple[Any, list[str]]:
    """A reader and the header. Raises ImportRefused on an empty file."""
    csv.field_size_limit(sys.maxsize)  # answers are long
    reader = csv.reader(file)
    header = next(reader, None)
    if not header:
        raise ImportRefused(f"{path.name} is empty.")
    return reader, [name.strip() for name in header]


def csv_rows(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    with open_text(path) as file:
        reader, header = open_csv(file, path)
        begin = reader.line_num + 1
        for count, values in enumerate(reader):
            if count % EVERY == 0:
                report_bytes(file, path, progress)
            if values:
                yield begin, csv_row(header, values)
            begin = reader.line_num + 1


def csv_row(header: list[str], values: list[str]) -> Row | Broken:
    if len(values) != len(header):
        text = io.StringIO()
        csv.writer(text).writerow(values)
        reason = f"it has {len(values)} values, the header {len(header)}"
        return Broken(reason, text.getvalue().strip())
    return dict(zip(header, values, strict=True))


def _json_lines(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    with open_text(path) as file:
        for number, line in enumerate(file, start=1):
            if number % EVERY == 1:
                report_bytes(file, path, progress)
            if line.strip():
                yield number, _parsed(line)


def _parsed(line: str) -> Row | Broken:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return Broken(f"it is not JSON ({getattr(error, 'msg', 'nested too deep')})", line.strip())
    return row if isinstance(row, dict) else Broken("it is not a JSON object", line.strip())


def _json(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    """A JSON array of objects; some releases call JSON lines `.json` too."""
    with open_text(path) as file:
        first = file.read(4096).lstrip()[:1]
    if first == "{":
        yield from _json_lines(path, progress)
        return
    with open_text(path) as file:
        try:
            for count, (line, item) in enumerate(items(file)):
                if count % EVERY == 0:
                    report_bytes(file, path, progress)
                is_row = isinstance(item, dict)
                yield line, item if is_row else Broken("it is not a JSON object", json.dumps(item))
        except JsonBroken as error:
            raise ImportRefused(f"{path.name}, {error} Nothing was imported.") from error


def _parquet(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    arrow: Any = import_module("pyarrow")  # takes a third of a second: only when needed
    parquet: Any = import_module("pyarrow.parquet")
    try:
        with parquet.ParquetFile(path) as file:
            total, number = max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(EVERY):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
                progress(number / total)
    except arrow.ArrowInvalid as error:
        raise ImportRefused(f"{path.name} is not a Parquet file ({error}).") from error


READERS = {".csv": csv_rows, ".jsonl": _json_lines, ".json": _json, ".parquet": _parquet}
