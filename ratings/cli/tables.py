"""CSV, JSON lines and Parquet files as columns, block by block."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol, TextIO

from ratings.cli.errors import InputError

# Small, because Python's garbage collector scans every live row on each pass.
ROWS_PER_BLOCK = 1 << 9

Columns = list[tuple[Any, ...]]


class Table(Protocol):
    """A file of rows."""

    path: Path
    columns: tuple[str, ...]

    def blocks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        """The wanted columns, a tuple of values each, block by block."""

    def place(self, row: int) -> str:
        """Where to find a row, counted from 0, in words."""


def open_table(path: Path) -> Table:
    """Choose the reader by the file's suffix.

    Raises:
        InputError: no such file, an empty one, or an unknown suffix.
    """
    readers: dict[str, Callable[[Path], Table]] = {
        ".csv": CsvTable,
        ".jsonl": JsonLinesTable,
        ".parquet": ParquetTable,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: votes must be a {', '.join(readers)} file.")
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    return reader(path)


@contextmanager
def named_decoding_errors(path: Path) -> Iterator[None]:
    """Turn text that is not UTF-8 into an `InputError`."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text ({error.reason}).") from error


class CsvTable:
    """Comma-separated values with a header."""

    def __init__(self, path: Path) -> None:
        self.path = path
        csv.field_size_limit(sys.maxsize)  # answers are long
        with self._open() as file, named_decoding_errors(path):
            header = next(csv.reader(file), None)
        if header is None:
            raise InputError(f"{path}: the file is empty.")
        self.columns = tuple(name.strip() for name in header)

    def blocks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        positions = [self.columns.index(name) for name in wanted]
        pick = itemgetter(*positions)
        with self._open() as file:
            reader = csv.reader(file)
            next(reader)
            rows = filter(None, reader)  # blank lines
            done = 0
            while block := self._read(rows, done):
                try:
                    yield list(zip(*map(pick, block), strict=True))
                except IndexError:
                    short = next(i for i, row in enumerate(block) if len(row) <= max(positions))
                    message = f"has {len(block[short])} values, the header {len(self.columns)}"
                    place = self.place(done + short)
                    raise InputError(f"{self.path}, {place}: {message}.") from None
                done += len(block)

    def _read(self, rows: Iterator[list[str]], done: int) -> list[list[str]]:
        try:
            with named_decoding_errors(self.path):
                return list(islice(rows, ROWS_PER_BLOCK))
        except csv.Error as error:
            raise InputError(f"{self.path}, after row {done}: {error}.") from error

    def place(self, row: int) -> str:
        with self._open() as file:
            reader = csv.reader(file)
            next(reader)
            next(islice(filter(None, reader), row, None))
            return f"row {row + 1} (line {reader.line_num})"

    def _open(self) -> TextIO:
        return self.path.open(newline="", encoding="utf-8-sig")


class JsonLinesTable:
    """One JSON object per line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        first = next(self._rows(), None)
        if first is None:
            raise InputError(f"{path}: the file is empty.")
        self.columns = tuple(first[1])

    def blocks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        rows = self._rows()
        while block := list(islice(rows, ROWS_PER_BLOCK)):
            try:
                yield [tuple(row[name] for _, row in block) for name in wanted]
            except KeyError as error:
                line = next(line for line, row in block if error.args[0] not in row)
                raise InputError(f"{self.path}, line {line}: no '{error.args[0]}'.") from None

    def place(self, row: int) -> str:
        line = next(islice(self._rows(), row, None))[0]
        return f"row {row + 1} (line {line})"

    def _rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        with self.path.open(encoding="utf-8-sig") as file, named_decoding_errors(self.path):
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, self._parse(number, line)

    def _parse(self, number: int, line: str) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{self.path}, line {number}: not JSON ({error.msg}).") from error
        if not isinstance(row, dict):
            raise InputError(f"{self.path}, line {number}: not a JSON object.")
        return row


class ParquetTable:
    """Apache Parquet, through pyarrow, which is not installed by default."""

    def __init__(self, path: Path) -> None:
        try:
            arrow: Any = import_module("pyarrow")
            parquet: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise InputError(f"{path}: Parquet needs pyarrow; 'pip install pyarrow'.") from None
        self.path = path
        try:
            self._file = parquet.ParquetFile(path)
        except arrow.ArrowInvalid as error:
            raise InputError(f"{path}: not a Parquet file ({error}).") from error
        self.columns: tuple[str, ...] = tuple(self._file.schema_arrow.names)

    def blocks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        for batch in self._file.iter_batches(ROWS_PER_BLOCK, columns=list(wanted)):
            yield [tuple(batch.column(name).to_pylist()) for name in wanted]

    def place(self, row: int) -> str:
        return f"row {row + 1}"
