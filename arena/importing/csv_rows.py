"""Rows of a CSV file. An unclosed quotation mark spoils only its own line, not the rest."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from ..limits import IMPORTS
from .encoding import Broken, Progress, numbered_lines, open_text
from .errors import ImportRefused

Row = dict[str, Any]
# Maximum of characters to read again because of unclosed quotation marks. After that every line
# counts as a row, so that no file takes quadratic time.
MOST_READ_AGAIN = 64 << 20


class SpanningRow(dict[str, Any]):
    """A row of several lines. If it is bad, a stray quotation mark may have joined valid rows."""

    def __init__(self, row: Row, begin: int, lines: list[str]) -> None:
        super().__init__(row)
        self._begin = begin
        self._lines = lines

    def later_lines(self) -> Iterator[tuple[int, Row | Broken]]:
        """Its lines after the first, each parsed as a row."""
        for line, text in enumerate(self._lines[1:], start=self._begin + 1):
            try:
                values = next(csv.reader([text], strict=True), [])
            except csv.Error as error:
                yield line, Broken(_reason(str(error), line), text.strip())
                continue
            if len(values) == len(self):
                yield line, dict(zip(self, values, strict=True))
            elif values:
                yield line, Broken(_miscount(values, self), text.strip())


class CsvFile:
    """The header of a file, and its rows."""

    def __init__(self, lines: _Lines, path: Path) -> None:
        csv.field_size_limit(IMPORTS.value_characters)
        self._lines = lines
        self._reader = csv.reader(lines, strict=True)
        self.header = self._header(path)

    def _header(self, path: Path) -> list[str]:
        try:
            header = next(self._reader, None)
        except csv.Error as error:
            raise ImportRefused(f"The first line of {path.name} can't be read: {error}.") from error
        if not header:
            raise ImportRefused(f"{path.name} is empty.")
        if len(header) > IMPORTS.columns:
            raise ImportRefused(f"{path.name} has {len(header):,} columns. Give a CSV of votes.")
        return [name.strip() for name in header]

    def rows(self) -> Iterator[tuple[int, Row | Broken]]:
        while True:
            line = self._lines.begin_row()
            try:
                values = self._next()
            except csv.Error as error:
                yield line, self._resume(_reason(str(error), self._lines.end))
                continue
            if values is None:
                return
            if len(values) == len(self.header):
                yield line, self._row(line, values)
            elif values:
                yield line, self._miscounted(values)

    def _row(self, line: int, values: list[str]) -> Row:
        row = dict(zip(self.header, values, strict=True))
        lines = self._lines.taken
        return SpanningRow(row, line, [*lines]) if len(lines) > 1 else row

    def _next(self) -> list[str] | None:
        if self._lines.read_again <= MOST_READ_AGAIN:
            return next(self._reader, None)
        line = next(self._lines, None)
        return None if line is None else next(csv.reader([line], strict=True), [])

    def _miscounted(self, values: list[str]) -> Broken:
        reason = _miscount(values, self.header)
        if len(self._lines.taken) > 1:
            end = self._lines.end
            return self._resume(f"{reason}, read to line {end}: is a quotation mark missing?")
        text = io.StringIO()
        csv.writer(text).writerow(values)
        return Broken(reason, text.getvalue().strip())

    def _resume(self, reason: str) -> Broken:
        """Skip the first line of this row, and continue with the next line."""
        broken = Broken(reason, self._lines.give_back())
        self._reader = csv.reader(self._lines, strict=True)
        return broken


class _Lines:
    """The lines for csv.reader, which can be pushed back."""

    def __init__(self, lines: Iterator[tuple[int, str | Broken]]) -> None:
        self._lines = lines
        self._given_back: deque[str] = deque()
        self.taken: list[str] = []
        self._begin = 1
        self.read_again = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self._given_back:
            line = self._given_back.popleft()
        else:
            _, found = next(self._lines)
            if isinstance(found, Broken):
                self.taken.append(found.text)
                raise csv.Error(found.reason)
            line = found
        self.taken.append(line)
        return line

    def begin_row(self) -> int:
        """Begin a row. Returns the number of its first line."""
        self._begin += len(self.taken)
        self.taken.clear()
        return self._begin

    @property
    def end(self) -> int:
        return self._begin + len(self.taken) - 1

    def give_back(self) -> str:
        """Push back all lines of this row except the first, which is returned."""
        first, *others = self.taken or [""]
        self._given_back.extendleft(reversed(others))
        self.taken = [first]
        self.read_again += sum(map(len, others))
        return first.strip()


def _miscount(values: Sized, header: Sized) -> str:
    return f"it has {len(values)} values, the header {len(header)}"


def _reason(error: str, end: int) -> str:
    if "unexpected end" in error:
        return "a quotation mark opens here and is never closed"
    if "field limit" in error:
        most = IMPORTS.value_characters
        return f"a value has more than {most:,} characters: is a quotation mark missing?"
    if "expected after" in error:
        return f"its quotation marks do not match (read to line {end})"
    return error


@contextmanager
def open_csv(path: Path, progress: Progress = lambda done: None) -> Iterator[CsvFile]:
    """Open a CSV file. Raises ImportRefused if it is not CSV."""
    with open_text(path) as file:
        yield CsvFile(_Lines(numbered_lines(file, path, progress)), path)


def csv_rows(path: Path, progress: Progress) -> Iterator[tuple[int, Row | Broken]]:
    with open_csv(path, progress) as file:
        yield from file.rows()
