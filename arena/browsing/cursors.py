"""Pages by cursor: each begins where the one before it ended, found by an index however deep, and
stays the same whatever is added meanwhile.

Rows may come in branches that share none, such as those with a contestant on side A and on side B:
an index has each in order, but no index has both together, and PostgreSQL does not merge two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Generic, TypeVar

from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.timezone import is_naive

OLDER, NEWER = "older", "newer"  # than a row, in addresses
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows, newest first, and the cursors of the pages around them; "" where there is none."""

    rows: Sequence[M]
    newer: str = ""
    older: str = ""


@dataclass(frozen=True)
class Cursors(Generic[M]):
    """Attributes:
    keyset: the fields that rows are ordered by, newest first; the last of them is unique.
    """

    model: type[M]
    keyset: tuple[str, ...]
    size: int

    def page(self, branches: Sequence[QuerySet[M]], asked: Mapping[str, str]) -> Page[M]:
        """The page that an address asks for, of the rows of all branches, which share none; the
        first page if the cursor makes no sense."""
        newer, older = (self._parse(asked.get(name, "")) for name in (NEWER, OLDER))
        if newer is not None:
            return self._newer(branches, newer)
        return self._older(branches, older)

    def _older(self, branches: Sequence[QuerySet[M]], than: list[Any] | None) -> Page[M]:
        names = [f"-{name}" for name in self.keyset]
        beyond = self._beyond("lt", than) if than else Q()
        found = [
            row
            for rows in branches
            for row in rows.filter(beyond).order_by(*names)[: self.size + 1]
        ]
        found.sort(key=self._key, reverse=True)
        shown = found[: self.size]
        return Page(
            shown,
            newer=self._of(shown[0]) if than and shown else "",
            older=self._of(shown[-1]) if len(found) > self.size else "",
        )

    def _newer(self, branches: Sequence[QuerySet[M]], than: list[Any]) -> Page[M]:
        beyond = self._beyond("gt", than)
        found = [
            row
            for rows in branches
            for row in rows.filter(beyond).order_by(*self.keyset)[: self.size + 1]
        ]
        found.sort(key=self._key)
        if len(found) <= self.size:  # the first page, filled up
            return self._older(branches, None)
        shown = found[: self.size][::-1]
        return Page(shown, newer=self._of(shown[0]), older=self._of(shown[-1]))

    def _beyond(self, how: str, values: Sequence[Any]) -> Q:
        """What PostgreSQL's row comparison means; the first bound is what an index can use."""
        name, value = self.keyset[0], values[0]
        if len(values) == 1:
            return Q(**{f"{name}__{how}": value})
        last = self.keyset[1]
        tied = Q(**{name: value, f"{last}__{how}": values[1]})
        return Q(**{f"{name}__{how}e": value}) & (Q(**{f"{name}__{how}": value}) | tied)

    def _key(self, row: M) -> tuple[Any, ...]:
        return tuple(reduce(getattr, name.split(LOOKUP_SEP), row) for name in self.keyset)

    def _of(self, row: M) -> str:
        values = self._key(row)
        return "_".join(v.isoformat() if isinstance(v, datetime) else str(v) for v in values)

    def _parse(self, cursor: str) -> list[Any] | None:
        """None if it isn't one."""
        parts = cursor.split("_")
        if len(parts) != len(self.keyset) or not parts[-1].isdecimal() or len(parts[-1]) > 18:
            return None
        fields: Iterable[Any] = (
            self.model._meta.pk if name == "pk" else get_fields_from_path(self.model, name)[-1]
            for name in self.keyset
        )
        try:
            values = [f.to_python(part) for f, part in zip(fields, parts, strict=True)]
        except (ValidationError, OverflowError):
            return None
        return None if any(map(_is_vague, values)) else values


def _is_vague(value: Any) -> bool:
    return value is None or (isinstance(value, datetime) and is_naive(value))
