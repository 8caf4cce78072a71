"""JSON lines and arrays as columns."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from evenhand.json_items import JsonBroken, items
from ratings.cli import blocks
from ratings.cli.blocks import Block, Broken, Reject
from ratings.cli.errors import InputError
from ratings.cli.files import LONGEST_LINE, VotesFile

LOOKED_AT = 50  # rows, each of which may lack some of the columns


class JsonTable:
    """One JSON object per line, or an array of objects."""

    def __init__(self, file: VotesFile) -> None:
        self.file = file
        head = file.head()
        if "".join(head.split()).startswith('{"models":['):
            raise InputError(f"{file}: votes that are aggregated per pair; use --tallies {file}.")
        self._is_array = head.startswith("[")
        first = [*islice(self._rows(), LOOKED_AT)]
        if not first:
            raise InputError(f"{file}: the file is empty.")
        self.columns = tuple(
            dict.fromkeys(name for _, row in first if isinstance(row, dict) for name in row)
        )
        line, row = first[0]
        if not self.columns:
            why = row.why if isinstance(row, Broken) else "an object without names"
            raise InputError(f"{file}, line {line}: {why}.")

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        rows = enumerate(self._rows())
        while read := [*islice(rows, blocks.ROWS_PER_BLOCK)]:
            sound = []
            for number, (_, row) in read:
                if isinstance(row, Broken):
                    reject(number, row.why)
                else:
                    sound.append((number, row))
            columns = [tuple(row.get(name) for _, row in sound) for name in wanted]
            yield Block([number for number, _ in sound], columns)

    def place(self, row: int) -> str:
        line = next(islice(self._rows(), row, None))[0]
        return f"row {row + 1} (line {line})"

    def _rows(self) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
        with self.file.text() as text:
            if self._is_array:
                yield from self._items(text.read)
                return
            for number, line in enumerate(self.file.lines(text), start=1):
                if line.strip():
                    yield number, _parsed(line)

    def _items(self, read: Callable[[int], str]) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
        try:
            for line, item in items(read, LONGEST_LINE):
                yield line, item if isinstance(item, dict) else Broken("not a JSON object")
        except JsonBroken as error:
            raise InputError(f"{self.file}, {str(error).removesuffix('.')}.") from error


def _parsed(line: str) -> dict[str, Any] | Broken:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # also for numbers of thousands of digits
        return Broken(f"not JSON ({getattr(error, 'msg', 'nested too deeply')})")
    return row if isinstance(row, dict) else Broken("not a JSON object")
