"""A file of votes as integer arrays."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ratings.cli.answers import answer_text
from ratings.cli.columns import VOTES_ALONE, Asked, Wanted
from ratings.cli.errors import InputError
from ratings.cli.output import note
from ratings.cli.tables import Table, open_table
from ratings.cli.times import BadTimeError, is_number, seconds, settled
from ratings.core import BadVotesError, Tallies
from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.data.covariates import style_counts
from ratings.core.data.validation import LIGHTEST, as_weights
from ratings.core.data.weights import decay_weights


class Codes:
    """Integer codes for values, in order of appearance; values with the same text (1 and "1") are
    equal."""

    def __init__(self) -> None:
        self._index: defaultdict[str, int] = defaultdict(count().__next__)

    def encode(self, values: Sequence[Any]) -> IntArray:
        return np.fromiter(map(self._index.__getitem__, map(str, values)), np.int64, len(values))

    @property
    def names(self) -> list[str]:
        return list(self._index)


@dataclass(frozen=True, eq=False)
class Votes:
    """N votes.

    Attributes:
        path: where they came from; models: names by index.
        a, b, verdict: (N,) integers as the library needs them.
        weight: (N,) or None when the file has no such column.
        when: (N,) seconds since 1970, when asked for.
        group: (N,) codes of the requested column, and their names, or None. A vote with an empty
            value is a group of its own.
        item: the same for the column that identifies what was judged.
        style: (N, 4) counts of the left and of the right answers, when asked for.
    """

    path: Path
    models: list[str]
    a: IntArray
    b: IntArray
    verdict: IntArray
    weight: FloatArray | None = None
    when: FloatArray | None = None
    group: IntArray | None = None
    group_names: list[str] = field(default_factory=list)
    item: IntArray | None = None
    style: tuple[FloatArray, FloatArray] | None = None

    def tallies(self) -> Tallies:
        return Tallies.from_votes(
            self.a, self.b, self.verdict, len(self.models), weight=self.weight, voter=self.group
        )

    def decayed(self, half_life: float) -> "Votes":
        """Halve the weight of votes for each half-life, in seconds, of their age."""
        if self.when is None:
            return self
        weight = decay_weights(self.when, half_life)
        if self.weight is not None:
            weight = np.where(self.weight * weight < LIGHTEST, 0.0, self.weight * weight)
        return replace(self, weight=weight)


def read_votes(path: Path, asked: Asked = VOTES_ALONE) -> Votes:
    """Read a file of votes.

    Raises:
        InputError: names the file, and the row where there is one.
    """
    table = open_table(path)
    wanted = Wanted.of(table, asked)
    collector = _Collector(table, wanted)
    for block in table.blocks(wanted.columns):
        collector.add(dict(zip(wanted.columns, block, strict=True)))
    if not collector.rows:
        raise InputError(f"{path}: there are no votes.")
    return collector.votes()


class _Collector:
    """Collects blocks of columns into votes."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self._table, self._wanted = table, wanted
        self._models, self._groups, self._items = Codes(), Codes(), Codes()
        self._parts: defaultdict[str, list[AnyArray]] = defaultdict(list)
        self._empty: Counter[str] = Counter()
        self.rows = 0

    def add(self, columns: dict[str, tuple[Any, ...]]) -> None:
        convert, wanted, parts = _Converter(self._table, self.rows), self._wanted, self._parts
        a, b = (convert.names(self._models, side, columns[side]) for side in wanted.sides)
        convert.reject_self_pairs(a, b, columns[wanted.sides[0]])
        parts["a"].append(a)
        parts["b"].append(b)
        parts["winner"].append(convert.verdicts(columns["winner"], wanted.winners))
        if wanted.weight is not None:
            parts["weight"].append(convert.weights(columns[wanted.weight]))
        if wanted.when is not None:
            parts["when"].append(convert.times(columns[wanted.when]))
            parts["numbers"].append(np.array(list(map(is_number, columns[wanted.when]))))
        if wanted.group is not None:
            parts["group"].append(self._codes(self._groups, wanted.group, columns))
        if wanted.item is not None:
            parts["item"].append(self._codes(self._items, wanted.item, columns))
        for side, name in zip(("left", "right"), wanted.answers, strict=False):
            parts[side].append(style_counts([answer_text(value) for value in columns[name]]))
        self.rows += len(columns["winner"])

    def _codes(self, codes: Codes, name: str, columns: dict[str, tuple[Any, ...]]) -> IntArray:
        # Empty values are not all the same voter: each such vote is named by its row.
        named = list(columns[name])
        for i, value in enumerate(named):
            if value is None or str(value).strip() in ("", "nan"):
                named[i] = f"(row {self.rows + i + 1}: no {name})"
                self._empty[name] += 1
        return codes.encode(named)

    def _times(self, values: FloatArray, numbers: BoolArray) -> FloatArray:
        try:
            found = settled(values, numbers)
        except BadTimeError as error:
            place = self._table.place(error.row)
            raise InputError(f"{self._table.path}, {place}: {error.what}.") from error
        if found.unit != "seconds":
            note(f"the times are read as {found.unit} since 1970.")
        return found.when

    def votes(self) -> Votes:
        for name, votes in self._empty.items():
            note(f"'{name}' is empty in {votes:,} votes: each counts as a separate one.")
        whole = {name: np.concatenate(arrays) for name, arrays in self._parts.items()}
        # Sorted by name, so that nothing depends on which model the file mentions first.
        names = self._models.names
        order = sorted(range(len(names)), key=names.__getitem__)
        number = np.argsort(order)
        return Votes(
            path=self._table.path,
            models=[names[i] for i in order],
            a=number[whole["a"]],
            b=number[whole["b"]],
            verdict=whole["winner"],
            weight=whole.get("weight"),
            when=self._times(whole["when"], whole["numbers"]) if "when" in whole else None,
            group=whole.get("group"),
            group_names=self._groups.names,
            item=whole.get("item"),
            style=(whole["left"], whole["right"]) if self._wanted.answers else None,
        )


class _Converter:
    """Turns the values of one block into numbers, and names the first that is not a number."""

    def __init__(self, table: Table, first_row: int) -> None:
        self._table, self._first_row = table, first_row

    def names(self, models: Codes, column: str, values: Sequence[Any]) -> IntArray:
        if not all(values):
            empty = next(i for i, value in enumerate(values) if not value)
            self._reject(empty, f"'{column}' is empty")
        return models.encode(values)

    def reject_self_pairs(self, a: IntArray, b: IntArray, names: Sequence[Any]) -> None:
        same = np.flatnonzero(a == b)
        if same.size:
            self._reject(int(same[0]), f"'{names[same[0]]}' is compared with itself")

    def verdicts(self, values: Sequence[Any], winners: Mapping[str, int]) -> IntArray:
        allowed = ", ".join(winners)
        found = self._each(values, winners.__getitem__, f"winner {{}} is not one of {allowed}")
        return found.astype(np.int64)

    def times(self, values: Sequence[Any]) -> FloatArray:
        times = self._each(values, seconds, "time {} is neither seconds nor ISO 8601")
        bad = np.flatnonzero(~np.isfinite(times))
        if bad.size:
            self._reject(int(bad[0]), f"time {values[bad[0]]} is not finite")
        return times

    def weights(self, values: Sequence[Any]) -> FloatArray:
        weights = self._each(values, float, "weight {} is not a number")
        # Valid weights are defined in one place, the library.
        try:
            return as_weights(weights, len(weights))
        except BadVotesError as error:
            self._reject(error.row or 0, error.what)

    def _each(self, values: Sequence[Any], convert: Callable[[Any], float], why: str) -> FloatArray:
        try:
            return np.fromiter(map(convert, values), np.float64, len(values))
        except (KeyError, ValueError, TypeError):
            for row, value in enumerate(values):
                self._try(row, value, convert, why)
            raise

    def _try(self, row: int, value: Any, convert: Callable[[Any], float], why: str) -> None:
        try:
            convert(value)
        except (KeyError, ValueError, TypeError):
            self._reject(row, why.format(repr(value)))

    def _reject(self, row: int, why: str) -> NoReturn:
        place = self._table.place(self._first_row + row)
        raise InputError(f"{self._table.path}, {place}: {why.removesuffix('.')}.")
