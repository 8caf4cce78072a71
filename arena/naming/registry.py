"""The names of the contestants of this arena, of their makers, and of the models they play."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Contestant
from ..models.contestants import NOT_KNOWN
from .names import Names, names_of


def known() -> Names:
    rows = Contestant.objects.order_by().values_list("name", "organisation", "stands_in_for")
    return _names(each for row in rows for each in row)


def known_of(one: Contestant) -> Names:
    """Without the names of other contestants, but with all of the catalogue."""
    return _names((one.name, one.organisation, one.stands_in_for))


def _names(said: Iterable[str]) -> Names:
    return names_of(frozenset(each.strip() for each in said) - {"", NOT_KNOWN})
