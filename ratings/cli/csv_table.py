"""CSV and TSV files as columns."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, TextIO

from ratings.cli import blocks
from ratings.cli.blocks import Block, Broken, Reject
from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile

LONGEST_VALUE = 16_000_000  # characters


class CsvTable:
    """Separated values with a header."""

    def __init__(self, file: VotesFile, dialect: str = "excel") -> None:
        self.file = file
        self._dialect = dialect
        csv.field_size_limit(LONGEST_VALUE)
        with file.text() as text:
            header = self._next(self._reader(text))
        if not isinstance(header, list):
            raise InputError(f"{file}: {header.why if header else 'the file is empty'}.")
        self.columns = tuple(name.strip() for name in header)

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        positions = [self.columns.index(name) for name in wanted]
        pick: Any = itemgetter(*positions)
        with self.file.text() as text:
            rows = self._reader(text)
            next(rows)
            done = 0
            while read := self._read(rows, done):
                numbers = range(done, done + len(read))
                done += len(read)
                try:
                    block = Block(numbers, [*zip(*map(pick, read), strict=True)])
                except (IndexError, TypeError):
                    block = self._sound(numbers, read, positions, reject)
                yield block

    def _sound(
        self,
        numbers: range,
        read: list[list[str] | Broken],
        positions: list[int],
        reject: Reject,
    ) -> Block:
        """Without the rows that cannot be read, or are too short."""
        sound = []
        for number, row in zip(numbers, read, strict=True):
            if isinstance(row, Broken):
                reject(number, row.why)
            elif len(row) <= max(positions):
                reject(number, f"has {len(row)} values, the header {len(self.columns)}")
            else:
                sound.append((number, row))
        columns = [tuple(row[position] for _, row in sound) for position in positions]
        return Block([number for number, _ in sound], columns)

    def _read(self, rows: Iterator[list[str]], done: int) -> list[list[str] | Broken]:
        block: list[list[str] | Broken] = []
        while len(block) < blocks.ROWS_PER_BLOCK:
            try:
                block.extend(islice(rows, blocks.ROWS_PER_BLOCK - len(block)))
                break
            except csv.Error as error:
                block.append(self._broken(error, done + len(block)))
        return block

    def _broken(self, error: csv.Error, row: int) -> Broken:
        """A row after which the next can be read.

        Raises:
            InputError: it has no end.
        """
        if "expected after" in str(error):
            return Broken("its quotation marks do not match")
        where = f"{self.file}, row {row + 1}"
        if "field limit" in str(error):
            much = f"a value of more than {LONGEST_VALUE:,} characters"
            raise InputError(f"{where}: {much}: is a quotation mark missing?") from error
        raise InputError(f"{where}: a quotation mark opens and is never closed.") from error

    def place(self, row: int) -> str:
        with self.file.text() as text:
            reader = csv.reader(self.file.lines(text), self._dialect, strict=True)
            rows = filter(None, reader)
            for _ in range(row + 2):  # and the header
                self._next(rows)
            return f"row {row + 1} (line {reader.line_num})"

    def _next(self, rows: Iterator[list[str]]) -> list[str] | Broken | None:
        try:
            return next(rows, None)
        except csv.Error as error:
            return self._broken(error, -1)

    def _reader(self, text: TextIO) -> Iterator[list[str]]:
        lines = self.file.lines(text)
        return filter(None, csv.reader(lines, self._dialect, strict=True))  # no blank lines
