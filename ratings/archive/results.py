"""A snapshot as pages compute with it: what its archive holds, and its ratings as stored. Nothing
is rated here.

Neither ever changes: each process caches the last few.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core import Settings, Tallies
from ..core.methods.ratings import Scored
from ..models import Snapshot
from . import covariances
from .snapshot_file import TALLY, Content, unpack

MOST_KEPT = 8


@dataclass(frozen=True)
class Result:
    """An archive's content in the form the core needs, and its ratings."""

    content: Content
    ratings: Scored

    @cached_property
    def index(self) -> dict[str, int]:
        """A model's number by its slug."""
        return {model["slug"]: i for i, model in enumerate(self.content.models)}

    def number_at(self, position: int) -> int:
        """A model's number by its place on the board, which stays when staff change its slug."""
        return self.index[self.content.ratings[position - 1][0]]

    def slug_of(self, text: str) -> str:
        """A model's slug, given its slug or name; other text unchanged."""
        return text if text in self.index else self._slugs.get(text.strip().casefold(), text)

    @cached_property
    def _slugs(self) -> dict[str, str]:
        return {str(model["name"]).casefold(): model["slug"] for model in self.content.models}

    @cached_property
    def names(self) -> list[str]:
        return [model["name"] for model in self.content.models]

    @cached_property
    def tallies(self) -> Tallies:
        table = np.array(self.content.tallies, dtype=np.int64).reshape(-1, len(TALLY))
        return Tallies.from_counts(table[:, :2], table[:, 2:], len(self.content.models))


class Results:
    """The last few results of this process, by primary key of the snapshot. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Result] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, pk: int) -> Result:
        """Raises ArchiveError for an Elo snapshot, which has no archive."""
        with self._lock:
            if (known := self._kept.get(pk)) is not None:
                self._kept.move_to_end(pk)
                return known
        stored = Snapshot.objects.values_list("archive", flat=True).get(pk=pk)
        content = unpack(bytes(stored or b""))
        found = Result(content, covariances.read(pk, Settings(**content.settings)))
        with self._lock:
            found = self._kept.setdefault(pk, found)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


_results = Results()


def result_of(snapshot: Snapshot) -> Result:
    """Raises ArchiveError for an Elo snapshot, which has no archive."""
    return _results.of(snapshot.pk)
