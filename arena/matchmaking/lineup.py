"""The contestants that could be drawn if their models run, read again only when they change.

A battle needs two of them, not a thousand rows of the database: each process keeps what it has
read, and asks the database each time only whether it is still true.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from itertools import chain

from django.db import connection

from ..models import Contestant, Revision

# Each row's place and the transaction that wrote it: no change leaves both as they are.
STATE = """
    SELECT (SELECT max(id) FROM arena_revision), count(*), sum(hashtext(ctid::text || xmin::text))
    FROM arena_contestant WHERE state = 'ACTIVE'
"""


@dataclass(frozen=True)
class Lineup:
    """The newest revisions of the active contestants, by the contestants' primary keys; their
    places by the service that runs them; and those with a cap on what they may cost a day."""

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
        """Those that any of the services runs."""
        found = [places for service, places in self.places.items() if service in services]
        if len(found) == len(self.places):
            return list(self.revisions)
        return [self.revisions[place] for place in sorted(chain(*found))]


class Keeper:
    """The last one that this process has read, and the state of the database it was read in."""

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
    newest = active.order_by("contestant_id", "-number").distinct("contestant_id")
    return newest.select_related("contestant")


now = Keeper().now
