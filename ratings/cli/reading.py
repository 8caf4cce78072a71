"""Reads a file of votes. Rows that cannot be used are left out and reported."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np

from ratings.cli import converting
from ratings.cli.answers import answer_text, side_of_turns
from ratings.cli.blocks import Block, Table
from ratings.cli.columns import TURNS, VOTES_ALONE, Asked, Wanted
from ratings.cli.converting import BadRowError
from ratings.cli.errors import InputError
from ratings.cli.files import VotesFile
from ratings.cli.layouts import NotAVote
from ratings.cli.left_out import LeftOut
from ratings.cli.output import note
from ratings.cli.tables import open_table
from ratings.cli.times import BadTimeError, is_number, settled
from ratings.cli.votes import Codes, Votes
from ratings.core.data.arrays import AnyArray, BoolArray, FloatArray, IntArray
from ratings.core.data.covariates import style_counts

Columns = Mapping[str, tuple[Any, ...]]


def read_votes(file: VotesFile, asked: Asked = VOTES_ALONE) -> Votes:
    """Read a file of votes.

    Raises:
        InputError: names the file, and the row where there is one.
    """
    table = open_table(file)
    wanted = Wanted.of(table, asked)
    collector = _Collector(table, wanted, LeftOut(table, strict=asked.strict))
    collector.read()
    return collector.votes()


@dataclass(frozen=True, eq=False)
class _Checked:
    """Sound rows, before their names get numbers."""

    a: list[str]
    b: list[str]
    verdict: IntArray
    weight: FloatArray | None
    when: FloatArray | None


class _Collector:
    """Collects blocks of columns into votes."""

    def __init__(self, table: Table, wanted: Wanted, left_out: LeftOut) -> None:
        self._table, self._wanted, self._left_out = table, wanted, left_out
        self._models, self._groups, self._items = Codes(), Codes(), Codes()
        self._parts: defaultdict[str, list[AnyArray]] = defaultdict(list)
        self._empty: Counter[str] = Counter()
        self._votes = 0

    def read(self) -> None:
        for block in self._table.blocks(self._wanted.columns, self._left_out.reject):
            self._add(self._standing(block))
        self._left_out.report(self._votes)

    def _standing(self, block: Block) -> Block:
        """The rows that are votes."""
        standing = self._wanted.standing
        if standing is None:
            return block
        said = block.columns[self._wanted.columns.index(standing.column)]
        counts = [standing.counts(value) for value in said]
        if all(counts):
            return block
        for _ in range(counts.count(False)):
            self._left_out.pass_over(standing.others)
        kept = [tuple(compress(column, counts)) for column in block.columns]
        return Block([*compress(block.rows, counts)], kept)

    def _add(self, block: Block) -> None:
        """Add the sound rows. A block with others is halved until they are alone."""
        if not block.rows:
            return
        columns = dict(zip(self._wanted.columns, block.columns, strict=True))
        try:
            checked = self._checked(columns)
        except (BadRowError, NotAVote) as error:
            middle = len(block.rows) // 2
            if middle:
                self._add(block.part(slice(middle)))
                self._add(block.part(slice(middle, None)))
            elif isinstance(error, NotAVote):
                self._left_out.pass_over(str(error))
            else:
                self._left_out.reject(block.rows[0], str(error))
            return
        self._keep(block, columns, checked)

    def _checked(self, columns: Columns) -> _Checked:
        wanted = self._wanted
        a, b = (converting.names(side, columns[side]) for side in wanted.layout.sides)
        converting.reject_self_pairs(a, b)
        said = [columns[name] for name in wanted.layout.verdict]
        return _Checked(
            a=a,
            b=b,
            verdict=converting.verdicts(said, wanted.layout),
            weight=None if wanted.weight is None else converting.weights(columns[wanted.weight]),
            when=None if wanted.when is None else converting.times(columns[wanted.when]),
        )

    def _keep(self, block: Block, columns: Columns, checked: _Checked) -> None:
        wanted, parts = self._wanted, self._parts
        parts["row"].append(np.asarray(block.rows))
        parts["a"].append(self._models.encode(checked.a))
        parts["b"].append(self._models.encode(checked.b))
        parts["verdict"].append(checked.verdict)
        if checked.weight is not None:
            parts["weight"].append(checked.weight)
        if checked.when is not None and wanted.when is not None:
            parts["when"].append(checked.when)
            parts["numbers"].append(np.array([*map(is_number, columns[wanted.when])]))
        if wanted.group is not None:
            parts["group"].append(self._codes(self._groups, wanted.group, block, columns))
        if wanted.item is not None:
            parts["item"].append(self._codes(self._items, wanted.item, block, columns))
        for side, name in zip("ab", wanted.answers, strict=False):
            texts = [_answer(value, side, name) for value in columns[name]]
            parts[f"style_{side}"].append(style_counts(texts))
        self._votes += len(checked.verdict)

    def _codes(self, codes: Codes, name: str, block: Block, columns: Columns) -> IntArray:
        # Empty values are not all the same voter: each such vote is named by its row.
        named = list(columns[name])
        for i, value in enumerate(named):
            if value is None or str(value).strip() in ("", "nan"):
                named[i] = f"(row {block.rows[i] + 1}: no {name})"
                self._empty[name] += 1
        return codes.encode(named)

    def _times(self, rows: IntArray, values: FloatArray, numbers: BoolArray) -> FloatArray:
        try:
            found = settled(values, numbers)
        except BadTimeError as error:
            place = self._table.place(int(rows[error.row]))
            raise InputError(f"{self._table.file}, {place}: {error.what}.") from error
        if found.unit != "seconds":
            note(f"the times are read as {found.unit} since 1970.")
        return found.when

    def votes(self) -> Votes:
        for name, votes in self._empty.items():
            note(f"'{name}' is empty in {votes:,} votes: each counts as a separate one.")
        whole = {name: np.concatenate(arrays) for name, arrays in self._parts.items()}
        times = [whole[name] for name in ("row", "when", "numbers") if name in whole]
        # Sorted by name, so that nothing depends on which model the file mentions first.
        names = self._models.names
        order = sorted(range(len(names)), key=names.__getitem__)
        number = np.argsort(order)
        return Votes(
            file=self._table.file,
            models=[names[i] for i in order],
            a=number[whole["a"]],
            b=number[whole["b"]],
            verdict=whole["verdict"],
            weight=whole.get("weight"),
            when=self._times(*times) if "when" in whole else None,
            group=whole.get("group"),
            group_names=self._groups.names,
            item=whole.get("item"),
            style=(whole["style_a"], whole["style_b"]) if self._wanted.answers else None,
        )


def _answer(value: Any, side: str, column: str) -> str:
    return side_of_turns(value, side) if column == TURNS else answer_text(value)
