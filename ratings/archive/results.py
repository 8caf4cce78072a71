"""Ratings of a snapshot, recomputed from its archive, for everything that needs the covariance.

The archive never changes, so neither does the result: each process caches the last few, within a
limit on the memory of their covariances.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..core import Ratings, Tallies
from ..models import Snapshot
from .snapshot_file import TALLY, Content, unpack

MOST_KEPT = 8
MOST_CELLS = 25_000_000  # of all their covariances, 0.2 GB; the newest is always kept


@dataclass(frozen=True)
class Result:
    """An archive's content in the form the core needs."""

    content: Content
    _rating: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @cached_property
    def index(self) -> dict[str, int]:
        """A model's number by its slug."""
        return {model["slug"]: i for i, model in enumerate(self.content.models)}

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

    @property
    def ratings(self) -> Ratings:
        """Computed once, even for concurrent callers."""
        with self._rating:
            return self._ratings

    @cached_property
    def _ratings(self) -> Ratings:
        return self.content.rate().ratings


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
        found = Result(unpack(bytes(stored or b"")))
        with self._lock:
            found = self._kept.setdefault(pk, found)
            while len(self._kept) > 1 and self._is_full():
                self._kept.popitem(last=False)
        return found

    def _is_full(self) -> bool:
        cells = sum(len(result.content.models) ** 2 for result in self._kept.values())
        return len(self._kept) > MOST_KEPT or cells > MOST_CELLS


_results = Results()


def result_of(snapshot: Snapshot) -> Result:
    """Raises ArchiveError for an Elo snapshot, which has no archive."""
    return _results.of(snapshot.pk)
