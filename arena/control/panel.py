"""What a panel of the dashboard says, as data that one template shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Protocol

from django.utils import timezone
from django.utils.timesince import timesince


class Figure(Protocol):
    """A drawing with its title, as `ratings.charts` makes them."""

    @property
    def template(self) -> str: ...


@dataclass(frozen=True)
class Cell:
    """Text, and the page that it leads to."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Says:
    """A panel at one moment: the finding as a sentence, and the rows it rests on."""

    title: str
    url: str = ""  # the list that the title sums up
    about: str = ""  # how to read it, or what to do
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    figure: Figure | None = None
    is_urgent: bool = False  # somebody should do something


class Panel(ABC):
    """A subject of the dashboard. Its queries must stay quick at a million votes."""

    name: ClassVar[str]  # in the page's address, after #
    subject: ClassVar[str]
    permission: ClassVar[str]  # of those who see it
    is_wide: ClassVar[bool] = False

    @abstractmethod
    def look(self) -> Says | None:
        """None if there is nothing to say. May raise RedisError."""


def cells(*values: str | Cell) -> list[Cell]:
    return [value if isinstance(value, Cell) else Cell(value) for value in values]


def ago(seconds: float) -> str:
    """Such as "3 minutes"; the largest unit only."""
    if seconds < 60:
        return "less than a minute"
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=1).replace("\xa0", " ")
