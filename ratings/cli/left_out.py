"""Rows that are not counted: those that cannot be used, and those that are no votes."""

from collections import Counter

from ratings.cli.blocks import Table
from ratings.cli.errors import InputError
from ratings.cli.output import note


class LeftOut:
    """Counts rows that are left out, and remembers the first that cannot be used."""

    def __init__(self, table: Table, *, strict: bool) -> None:
        self._table, self._strict = table, strict
        self._first: tuple[int, str] | None = None
        self._bad = 0
        self._others: Counter[str] = Counter()

    def reject(self, row: int, why: str) -> None:
        """A row that cannot be used.

        Raises:
            InputError: the first is not to be left out.
        """
        if self._first is None or row < self._first[0]:
            self._first = row, why.removesuffix(".")
        if self._strict:
            raise InputError(f"{self._table.file}, {self._says}.")
        self._bad += 1

    def pass_over(self, what: str) -> None:
        """A row that is no vote."""
        self._others[what] += 1

    def report(self, votes: int) -> None:
        """Say what was left out.

        Raises:
            InputError: everything was.
        """
        if not votes:
            raise InputError(f"{self._table.file}: there are no votes{self._instead}.")
        for what, rows in self._others.items():
            note(f"{_counted(rows, 'row')} left out: {what}.")
        if self._bad:
            bad = _counted(self._bad, "bad row")
            note(f"{bad} left out (--strict stops); the first: {self._says}.")

    @property
    def _says(self) -> str:
        row, why = self._first or (0, "")
        return f"{self._table.place(row)}: {why}"

    @property
    def _instead(self) -> str:
        if self._first is not None:
            return f" that can be used; the first row that cannot: {self._says}"
        return f", only {', '.join(self._others)}" if self._others else ""


def _counted(number: int, what: str) -> str:
    return f"1 {what} is" if number == 1 else f"{number:,} {what}s are"
