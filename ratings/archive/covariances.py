"""The covariance of a board's scores as stored: computed with the board, read by pages."""

from __future__ import annotations

import math

import numpy as np
from django.db.models import QuerySet

from ..core import Ratings, Settings
from ..core.data.arrays import FloatArray
from ..core.methods.kept import Kept, Uncertainty, uncertainty_of, unknown_uncertainty
from ..models import Covariance, Rating, Snapshot

NUMBER, INDEX = np.dtype("<f8"), np.dtype("<i4")


def write(snapshot: Snapshot, result: Ratings, members: list[int]) -> None:
    found = uncertainty_of(result, members)
    below = np.tril_indices(len(found.members))
    Covariance.objects.create(
        snapshot=snapshot,
        critical=found.critical if math.isfinite(found.critical) else None,
        tie_parameter=found.tie_parameter,
        members=found.members.astype(INDEX).tobytes(),
        triangle=found.covariance[below].astype(NUMBER).tobytes(),
    )


def forget(snapshots: QuerySet[Snapshot]) -> None:
    Covariance.objects.filter(snapshot__in=snapshots).delete()


def read(snapshot: int, settings: Settings) -> Kept:
    """The stored result, models numbered as in the archive: by primary key. A snapshot of an older
    version has no covariance; its gaps get the widest possible intervals."""
    lines = Rating.objects.filter(snapshot=snapshot).order_by("contestant_id")
    rows = list(lines.values_list("score", "lower", "upper"))
    numbers = np.array(rows, dtype=np.float64).reshape(-1, 3)
    numbers[~np.isfinite(numbers).all(axis=1)] = math.nan  # odd ones are as if not rated
    scores, lower, upper = numbers.T
    stored = Covariance.objects.filter(snapshot=snapshot).first()
    known = _unpacked(stored) if stored else unknown_uncertainty(scores, settings.level)
    return Kept(scores, lower, upper, known, settings)


def _unpacked(stored: Covariance) -> Uncertainty:
    members = np.frombuffer(stored.members, INDEX).astype(np.int64)
    return Uncertainty(
        critical=math.nan if stored.critical is None else stored.critical,
        tie_parameter=stored.tie_parameter,
        members=members,
        covariance=_square(np.frombuffer(stored.triangle, NUMBER), len(members)),
    )


def _square(triangle: FloatArray, n: int) -> FloatArray:
    full = np.zeros((n, n))
    rows, columns = np.tril_indices(n)
    full[rows, columns] = full[columns, rows] = triangle
    return full
