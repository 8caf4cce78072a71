"""A cache of the contestants that can be drawn if their models run.

A battle needs two contestants, not a thousand rows from the database. Each process keeps the rows,
and before each draw only asks the database whether they are stale.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import chain

from django.db import connection

from ..models import Contestant, Revision

# The location of each row and the transaction that wrote it: any change alters one of them.
STATE = """
    SELECT (SELECT max(id) FROM arena_revision), count(*), sum(hashtext(ctid::text || xmin::text))
    FROM arena_contestant WHERE state = 'ACTIVE'
"""


@dataclass(frozen=True)
class Lineup:
    """The newest revisions of the active contestants, in order of the contestants' primary keys;
    their indices by the service that runs them; and the revisions with a daily spending cap."""

    revisions: tuple[Revision, ...]
    places: dict[str, list[int]]
    capped: tuple[Revision, ...]

    @classmethod
    def of(cls, revisions: Iterable[Revision]) -> Lineup:
        every, places = tuple(revisions), dict[str, list[int]]()
        for place, revision in enumerate(every):
            places.setdefault(revision.service, []).append(place)
        return cls(every, places, tuple(revision for revision in every if revision.is_capped))

    def served_by(self, services: Container[str]) -> list[Revision]:
        """The revisions that any of the services runs."""
        found = [places for service, places in self.places.items() if service in services]
        if len(found) == len(self.places):
            return list(self.revisions)
        return [self.revisions[place] for place in sorted(chain(*found))]


class Keeper:
    """Caches the lineup last read, with the state of the database at that time."""

    def __init__(self) -> None:
        self._kept: tuple[object, Lineup] = (None, Lineup((), {}, ()))

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
    return active.newest().select_related("contestant")


now = Keeper().now
