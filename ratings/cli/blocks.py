"""Rows of a file as columns, a block at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ratings.cli.files import VotesFile

# Small, because Python's garbage collector scans every live row on each pass.
ROWS_PER_BLOCK = 1 << 9

Reject = Callable[[int, str], None]  # called with a row that cannot be read, and why


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows.

    Attributes:
        rows: their numbers in the file, from 0; columns: for each column its values.
    """

    rows: Sequence[int]
    columns: Sequence[tuple[Any, ...]]

    def part(self, some: slice) -> "Block":
        return Block(self.rows[some], [column[some] for column in self.columns])


@dataclass(frozen=True)
class Broken:
    """A row that cannot be read."""

    why: str


class Table(Protocol):
    """A file of rows."""

    file: VotesFile
    columns: tuple[str, ...]

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        """The wanted columns, block by block."""

    def place(self, row: int) -> str:
        """Where to find a row, counted from 0, in words."""
