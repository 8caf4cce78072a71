"""A cache of the contestants that can be drawn if their models run.

A battle needs two contestants, not a thousand rows from the database. Each process keeps the rows,
and before each draw only asks the database whether they are stale.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from django.db import connection

from ..models import Contestant, Revision
from . import soundness

# The location of each row and the transaction that wrote it: any change alters one of them.
STATE = """
    SELECT (SELECT max(id) FROM arena_revision), count(*), sum(hashtext(ctid::text || xmin::text))
    FROM arena_contestant WHERE state = 'ACTIVE'
"""


class Keyed(NamedTuple):
    """A key, and where it is to be sent."""

    variable: str
    url: str
    backend: str


def keyed_by(revision: Revision) -> Keyed | None:
    if not revision.is_remote or not revision.key_variable:
        return None
    return Keyed(revision.key_variable, revision.url, revision.backend)


@dataclass(frozen=True)
class Lineup:
    """The newest revisions of the active contestants, in order of the contestants' primary keys,
    as far as their settings can work; their indices by the service that runs them; the revisions
    with a daily spending cap; and those with a key, by what decides whether it may be sent."""

    revisions: tuple[Revision, ...]
    places: dict[str, list[int]]
    capped: tuple[Revision, ...]
    keyed: dict[Keyed, list[Revision]]

    @classmethod
    def of(cls, revisions: Iterable[Revision]) -> Lineup:
        every, places = tuple(revisions), dict[str, list[int]]()
        keyed: dict[Keyed, list[Revision]] = {}
        for place, revision in enumerate(every):
            places.setdefault(revision.service, []).append(place)
            if key := keyed_by(revision):
                keyed.setdefault(key, []).append(revision)
        capped = tuple(revision for revision in every if revision.is_capped)
        return cls(every, places, capped, keyed)

    def served_by(self, services: Container[str]) -> list[Revision]:
        """The revisions that any of the services runs."""
        found = [places for service, places in self.places.items() if service in services]
        if len(found) == len(self.places):
            return list(self.revisions)
        return [self.revisions[place] for place in sorted(chain(*found))]


class Keeper:
    """Caches the lineup last read, with the state of the database at that time."""

    def __init__(self) -> None:
        self._kept: tuple[object, Lineup] = (None, Lineup((), {}, (), {}))

    def now(self) -> Lineup:
        with connection.cursor() as cursor:
            cursor.execute(STATE)
            state = cursor.fetchone()
        known, lineup = self._kept
        if state != known:
            lineup = Lineup.of(_read())
            self._kept = (state, lineup)
        return lineup


def _read() -> Iterable[Revision]:
    active = Revision.objects.filter(contestant__state=Contestant.State.ACTIVE)
    newest = active.newest().select_related("contestant")
    return [one for one in newest if not (soundness.of_values(one) or soundness.of_format(one))]


now = Keeper().now
