"""Models against models: one cell per pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

STEPS = 9  # shades, as classes, since styles may not be inline
FEW = 12  # models; cells of a full map would be huge
LONGEST = 28  # letters of a name beside its row


@dataclass(frozen=True)
class Cell:
    x: float
    y: float
    shade: int
    title: str
    share: float
    label: str = ""  # on paper, where no pointer shows the title


@dataclass(frozen=True)
class HeatMap:
    names: Sequence[str]
    places: Sequence[tuple[float, str]]  # centre of each row or column, and its name
    size: float
    cells: Sequence[Cell]
    kind: str

    @property
    def is_small(self) -> bool:
        return len(self.names) <= FEW

    @property
    def labels(self) -> list[tuple[float, float, Cell]]:
        """In the middle of their cells."""
        half = self.size / 2
        labelled = (cell for cell in self.cells if cell.label)
        return [(round(cell.x + half, 3), round(cell.y + half, 3), cell) for cell in labelled]

    @classmethod
    def draw(
        cls,
        names: Sequence[str],
        share: Callable[[int, int], float | None],
        words: Callable[[int, int], str],
        kind: str,
        label: Callable[[int, int], str] = lambda i, j: "",
    ) -> HeatMap:
        """`share`, from 0 to 1, is the shade of a cell; None leaves it out. Cells of a small map
        have labels."""
        size = round(100 / max(len(names), 1), 3)
        cells = [
            Cell(
                round(j * size, 3),
                round(i * size, 3),
                shade_of(value),
                words(i, j),
                value,
                label(i, j) if len(names) <= FEW else "",
            )
            for i in range(len(names))
            for j in range(len(names))
            if i != j and (value := share(i, j)) is not None
        ]
        places = [(round((i + 0.5) * size, 3), cut(name)) for i, name in enumerate(names)]
        return cls(names, places, size, cells, kind)


def cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def shade_of(share: float) -> int:
    return min(int(share * STEPS), STEPS - 1)
