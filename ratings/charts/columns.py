"""How many in each period: one column each, of one or two parts on top of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .scales import Linear, Mark

GAP = 0.2  # of a period's width
WIDEST = 12  # per cent of the plot, so that a single day does not fill it
MOST_NAMES = 5  # of periods under the columns


@dataclass(frozen=True)
class Column:
    """A period: its name, the number in each part, and a text that says both."""

    name: str
    parts: Sequence[float]
    words: str


@dataclass(frozen=True)
class Block:
    y: float
    height: float
    part: int


@dataclass(frozen=True)
class Stack:
    column: Column
    x: float
    width: float
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Columns:
    stacks: Sequence[Stack]
    names: Sequence[str]  # of the parts; empty if there is only one
    x_marks: Sequence[Mark]
    y_marks: Sequence[Mark]
    y_name: str

    @classmethod
    def draw(cls, columns: Sequence[Column], y_name: str, names: Sequence[str] = ()) -> Columns:
        y = Linear(0, max(sum(column.parts) for column in columns) * 1.04 or 1.0)
        step = 100 / len(columns)
        width = round(min(step * (1 - GAP), WIDEST), 3)
        stacks = [
            Stack(column, round((i + 0.5) * step - width / 2, 3), width, list(_blocks(column, y)))
            for i, column in enumerate(columns)
        ]
        marks = [Mark(100 - mark.at, mark.label) for mark in y.marks()]
        return cls(stacks, names, _named(columns, step), marks, y_name)


def _blocks(column: Column, y: Linear) -> list[Block]:
    blocks, below = [], 0.0
    for part, value in enumerate(column.parts):
        if value:
            height = y.at(value)
            blocks.append(Block(round(100 - y.at(below) - height, 2), height, part))
            below += value
    return blocks


def _named(columns: Sequence[Column], step: float) -> list[Mark]:
    """Labels for the first, the last, and a few evenly spaced between."""
    last = len(columns) - 1
    shown = {round(i * last / max(MOST_NAMES - 1, 1)) for i in range(MOST_NAMES)}
    return [Mark(round((i + 0.5) * step, 2), columns[i].name) for i in sorted(shown)]
