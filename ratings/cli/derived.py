"""Files whose rows name models and winner in a way of their own: columns for both are added."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ratings.cli.blocks import Block, Reject, Table
from ratings.cli.layouts import MODELS, SAID, NotAVote
from ratings.core import Verdict

ADDED = (*MODELS, SAID)
NOBODY = ("(first)", "(second)")  # names in rows that are no votes, where they are never kept
Row = dict[str, Any]


class UnusableRow(Exception):
    """A row that cannot be used; the message says why."""


class Said(NamedTuple):
    """What a row says."""

    model_a: str
    model_b: str
    verdict: Verdict | NotAVote


class DerivedTable(ABC):
    """Has the columns that `read` finds, beside those of the file.

    Attributes:
        needs: columns of the file that it looks at; some rows may lack them.
    """

    needs: tuple[str, ...]

    def __init__(self, table: Table) -> None:
        self.file = table.file
        self.columns = tuple(dict.fromkeys((*table.columns, *self.needs, *ADDED)))
        self._table = table

    @abstractmethod
    def read(self, number: int, row: Row) -> Said:
        """Raises UnusableRow, NotAVote."""

    def place(self, row: int) -> str:
        return self._table.place(row)

    def blocks(self, wanted: Sequence[str], reject: Reject) -> Iterator[Block]:
        written = [*dict.fromkeys((*self.needs, *(n for n in wanted if n not in ADDED)))]
        for block in self._table.blocks(written, reject):
            rows: list[Row] = []
            numbers = []
            for number, *values in zip(block.rows, *block.columns, strict=True):
                row = dict(zip(written, values, strict=True))
                try:
                    rows.append(row | dict(zip(ADDED, self._said(number, row), strict=True)))
                except UnusableRow as error:
                    reject(number, str(error))
                else:
                    numbers.append(number)
            yield Block(numbers, [tuple(row[name] for row in rows) for name in wanted])

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Every row that can be read, for a pass before the others."""
        for block in self._table.blocks(self.needs, lambda row, why: None):
            for number, *values in zip(block.rows, *block.columns, strict=True):
                yield number, dict(zip(self.needs, values, strict=True))

    def _said(self, number: int, row: Row) -> Said:
        try:
            return self.read(number, row)
        except NotAVote as other:
            return Said(*NOBODY, other)


def text(value: Any, name: str) -> str:
    """A required text. Raises UnusableRow."""
    if not isinstance(value, str) or not value.strip():
        raise UnusableRow(f"it has no '{name}'")
    return value.strip()


def within(value: Any, *names: str) -> Any:
    """A value of objects in objects; None where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
