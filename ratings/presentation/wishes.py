"""What a reader needs of a model, to be told which one to use. All of it is in the URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy

from .board_view import has_access, permits
from .choices import Choices, checked, refusal
from .lines import LAPTOP_PARAMETERS, Line
from .margins import USUAL, margin_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# At four to five bits per weight, these take up to 21 GB of a card with 24 GB.
GPU_PARAMETERS = 34_000_000_000
PLACES: Mapping[str, tuple[StrPromise, int]] = {
    "laptop": (gettext_lazy("A laptop with 16 GB"), LAPTOP_PARAMETERS),
    "gpu": (gettext_lazy("One GPU with 24 GB"), GPU_PARAMETERS),
}
OFFERED = {
    "access": ("open", "source", "closed"),
    "commercial": ("yes", "conditional"),
    "runs": (*PLACES,),
    "than": ("board",),
}
NUMBER = gettext_lazy("a number such as 2.5")
AMOUNT = r"[0-9]{1,6}(\.[0-9]{1,4})?"

# What may be wished to be at most so much: what is unknown where it is, and the value.
AMOUNTS: Mapping[str, tuple[StrPromise, Callable[[Line], float | None]]] = {
    "price": (gettext_lazy("their price"), lambda line: line.price),
    "cost": (
        gettext_lazy("what their answers cost"),
        lambda line: line.cost.value if line.cost else None,
    ),
    "energy": (gettext_lazy("the energy that they take"), lambda line: line.wh),
    "seconds": (gettext_lazy("their response time"), lambda line: line.response_s),
    "first": (gettext_lazy("their time to the first words"), lambda line: line.first_s),
}


class Need(NamedTuple):
    """A constraint: whether a model meets it, None if that is not known; and what is unknown then,
    in words."""

    unknown: StrPromise
    is_met: Callable[[Line], bool | None]


@dataclass(frozen=True)
class Wishes:
    """Empty strings ask for nothing; `than` is what a model may not be worse than: the best that
    meets the wishes, or the best of the `board`."""

    slice: str = ""
    access: str = ""
    commercial: str = ""
    runs: str = ""
    price: str = ""
    cost: str = ""
    energy: str = ""
    seconds: str = ""
    first: str = ""
    than: str = ""
    margin: int = USUAL

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wishes:
        """Raises Refused for what cannot be wished."""
        given = {name: query.get(name, "").strip()[:80] for name in vars(cls()) if name != "margin"}
        for name, takes in OFFERED.items():
            if given[name] and given[name] not in takes:
                raise refusal(name, given[name], ", ".join(takes))
        for name in AMOUNTS:
            if given[name] and not _is_number(given[name]):
                raise refusal(name, given[name], str(NUMBER))
        given["slice"] = checked("slice", given["slice"])
        return cls(**given, margin=margin_of(query))

    @property
    def choices(self) -> Choices:
        """Of the board."""
        return Choices(slice=self.slice)

    @property
    def needs(self) -> list[Need]:
        return list(self._needs())

    def _needs(self) -> Iterator[Need]:
        if access := self.access:
            yield Need(
                gettext_lazy("whether they are open"),
                lambda line: (
                    None if line.contestant.is_open is None else has_access(line.contestant, access)
                ),
            )
        if use := self.commercial:
            yield Need(
                gettext_lazy("whether they may be used commercially"),
                lambda line: None if line.commercial is None else permits(line, use),
            )
        if self.runs:
            most = PLACES[self.runs][1]
            yield Need(gettext_lazy("where they run"), lambda line: fits(line, most))
        for name, (unknown, value) in AMOUNTS.items():
            if wished := getattr(self, name):
                yield Need(unknown, partial(is_within, value, float(wished)))


def fits(line: Line, most: int) -> bool | None:
    """Whether the weights can be had, and are so few."""
    if line.contestant.is_open is False:
        return False
    if line.contestant.is_open is None or not line.contestant.parameters:
        return None
    return line.contestant.parameters <= most


def is_within(value: Callable[[Line], float | None], most: float, line: Line) -> bool | None:
    found = value(line)
    return None if found is None else found <= most


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(AMOUNT, text))
