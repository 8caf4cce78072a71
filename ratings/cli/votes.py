"""A file of votes as integer arrays."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from ratings.cli.answers import answer_text
from ratings.cli.errors import InputError
from ratings.cli.tables import Table, open_table
from ratings.core import Tallies, Verdict
from ratings.core.arrays import AnyArray, FloatArray, IntArray
from ratings.core.covariates import style_counts

VERDICTS = {
    "model_a": Verdict.A,
    "model_b": Verdict.B,
    "tie": Verdict.TIE,
    "tie (bothbad)": Verdict.BOTH_BAD,
    "both_bad": Verdict.BOTH_BAD,
    "left": Verdict.A,
    "right": Verdict.B,
}
# Where the names of the models may be; LLMFAO, in the second way, has winners left and right.
SIDES = (("model_a", "model_b"), ("left", "right"))
# Where the answers may be, left and right.
ANSWERS = (("response_a", "response_b"), ("conversation_a", "conversation_b"))


class Codes:
    """Numbers for values, in order of appearance."""

    def __init__(self) -> None:
        self._index: defaultdict[Any, int] = defaultdict(count().__next__)

    def encode(self, values: Sequence[Any]) -> IntArray:
        return np.fromiter(map(self._index.__getitem__, values), np.int64, len(values))

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self._index]


@dataclass(frozen=True, eq=False)
class Votes:
    """N votes.

    Attributes:
        path: where they came from; models: names by index.
        a, b, verdict: (N,) integers as the library wants them.
        weight: (N,) or None when the file has no such column.
        group: (N,) codes of the column asked for, and their names, or None.
        item: the same for the column that tells what was judged.
        style: (N, 4) counts of the left and of the right answers, when asked for.
    """

    path: Path
    models: list[str]
    a: IntArray
    b: IntArray
    verdict: IntArray
    weight: FloatArray | None = None
    group: IntArray | None = None
    group_names: list[str] = field(default_factory=list)
    item: IntArray | None = None
    style: tuple[FloatArray, FloatArray] | None = None

    def tallies(self) -> Tallies:
        return Tallies.from_votes(
            self.a, self.b, self.verdict, len(self.models), weight=self.weight, voter=self.group
        )

    def model(self, name: str) -> int:
        """Index of a model.

        Raises:
            InputError: no vote mentions it.
        """
        if name not in self.models:
            raise InputError(f"{self.path}: no model is called '{name}'.")
        return self.models.index(name)


def read_votes(
    path: Path, *, group: str | None = None, item: str | None = None, style: bool = False
) -> Votes:
    """Read a file of votes.

    Args:
        group, item: columns to keep as codes; style: count the style of the answers.

    Raises:
        InputError: names the file, and the row where there is one.
    """
    table = open_table(path)
    wanted = Wanted(
        sides=next((pair for pair in SIDES if set(pair) <= set(table.columns)), SIDES[0]),
        group=group,
        item=item,
        weight="weight" if "weight" in table.columns else None,
        answers=_answer_columns(table) if style else (),
    )
    _require(table, wanted.columns)
    collector = _Collector(table, wanted)
    for block in table.blocks(wanted.columns):
        collector.add(dict(zip(wanted.columns, block, strict=True)))
    if not collector.rows:
        raise InputError(f"{path}: there are no votes.")
    return collector.votes()


@dataclass(frozen=True)
class Wanted:
    """Which columns, beside the winner, to read; None for those that are not."""

    sides: tuple[str, str]
    group: str | None
    item: str | None
    weight: str | None
    answers: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        optional = [c for c in (self.group, self.item, self.weight) if c is not None]
        return list(dict.fromkeys([*self.sides, "winner", *optional, *self.answers]))


class _Collector:
    """Adds up blocks of columns to votes."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self._table, self._wanted = table, wanted
        self._models, self._groups, self._items = Codes(), Codes(), Codes()
        self._parts: defaultdict[str, list[AnyArray]] = defaultdict(list)
        self.rows = 0

    def add(self, columns: dict[str, tuple[Any, ...]]) -> None:
        convert, wanted, parts = _Converter(self._table, self.rows), self._wanted, self._parts
        a, b = (convert.names(self._models, side, columns[side]) for side in wanted.sides)
        convert.reject_self_pairs(a, b, columns[wanted.sides[0]])
        parts["a"].append(a)
        parts["b"].append(b)
        parts["winner"].append(convert.verdicts(columns["winner"]))
        if wanted.weight is not None:
            parts["weight"].append(convert.weights(columns[wanted.weight]))
        if wanted.group is not None:
            parts["group"].append(self._groups.encode(columns[wanted.group]))
        if wanted.item is not None:
            parts["item"].append(self._items.encode(columns[wanted.item]))
        for side, name in zip(("left", "right"), wanted.answers, strict=False):
            parts[side].append(style_counts([answer_text(value) for value in columns[name]]))
        self.rows += len(columns["winner"])

    def votes(self) -> Votes:
        whole = {name: np.concatenate(arrays) for name, arrays in self._parts.items()}
        return Votes(
            path=self._table.path,
            models=self._models.names,
            a=whole["a"],
            b=whole["b"],
            verdict=whole["winner"],
            weight=whole.get("weight"),
            group=whole.get("group"),
            group_names=self._groups.names,
            item=whole.get("item"),
            style=(whole["left"], whole["right"]) if self._wanted.answers else None,
        )


def _require(table: Table, wanted: Iterable[str]) -> None:
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        has = ", ".join(table.columns)
        raise InputError(f"{table.path}: no column '{missing[0]}'; the file has {has}.")


def _answer_columns(table: Table) -> tuple[str, ...]:
    for pair in ANSWERS:
        if set(pair) <= set(table.columns):
            return pair
    options = " or ".join(" and ".join(pair) for pair in ANSWERS)
    raise InputError(f"{table.path}: --style needs the answers in columns {options}.")


class _Converter:
    """Turns the values of one block into numbers, naming the first that is none."""

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

    def verdicts(self, values: Sequence[Any]) -> IntArray:
        allowed = ", ".join(VERDICTS)
        found = self._each(values, VERDICTS.__getitem__, f"winner {{}} is none of {allowed}")
        return found.astype(np.int64)

    def weights(self, values: Sequence[Any]) -> FloatArray:
        weights = self._each(values, float, "weight {} is not a number")
        bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
        if bad.size:
            self._reject(int(bad[0]), f"weight {values[bad[0]]} is not a finite number >= 0")
        return weights

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

    def _reject(self, row: int, why: str) -> None:
        place = self._table.place(self._first_row + row)
        raise InputError(f"{self._table.path}, {place}: {why}.")
