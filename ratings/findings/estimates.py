"""Estimates with intervals as they are stored, and in what order they are shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TypeVar

from django.utils.translation import ngettext

from arena.plurals import local

from ..core.uncertainty.quantiles import Estimate

Row = TypeVar("Row")


def estimate_of(stored: list[float] | None) -> Estimate | None:
    """Raises TypeError or ValueError if something else is stored."""
    if stored is None:
        return None
    if not all(map(math.isfinite, stored)):
        raise ValueError(f"one of {stored} is no number")
    return Estimate(*stored)


def value_of(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def by_value(
    rows: Iterable[Row], value: Callable[[Row], str | float | None], *, falling: bool = False
) -> list[Row]:
    """What is unknown comes last."""
    found = [(value(row), row) for row in rows]
    known = [pair for pair in found if pair[0] is not None]
    known.sort(key=itemgetter(0), reverse=falling)
    return [row for _value, row in known] + [row for value, row in found if value is None]


def too_few(models: int) -> str:
    """Why so many models are not drawn."""
    return ngettext(
        "%(number)s model with too few answers is not drawn.",
        "%(number)s models with too few answers are not drawn.",
        models,
    ) % {"number": local(f"{models:,}")}
