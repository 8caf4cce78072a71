"""Ratings of a snapshot, computed again from its archive: for whatever needs the covariance.

The archive never changes, so neither does the result: each process keeps the last few.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from .archive import TALLY, Content, unpack
from .core import Ratings, Tallies
from .core.compare import SimultaneousGaps, simultaneous_gaps
from .models import Snapshot


@dataclass(frozen=True)
class Result:
    """An archive's content, as the core likes it."""

    content: Content

    @cached_property
    def index(self) -> dict[str, int]:
        """A model's number by its slug."""
        return {model["slug"]: i for i, model in enumerate(self.content.models)}

    @cached_property
    def names(self) -> list[str]:
        return [model["name"] for model in self.content.models]

    @cached_property
    def tallies(self) -> Tallies:
        table = np.array(self.content.tallies, dtype=np.int64).reshape(-1, len(TALLY))
        return Tallies.from_counts(table[:, :2], table[:, 2:], len(self.content.models))

    @cached_property
    def ratings(self) -> Ratings:
        return self.content.rate().ratings

    @cached_property
    def gaps(self) -> SimultaneousGaps:
        return simultaneous_gaps(self.ratings)


@lru_cache(maxsize=8)
def _result(pk: int) -> Result:
    stored = Snapshot.objects.values_list("archive", flat=True).get(pk=pk)
    return Result(unpack(bytes(stored or b"")))


def result_of(snapshot: Snapshot) -> Result:
    """Raises ArchiveError for an Elo snapshot, which has no archive."""
    return _result(snapshot.pk)
