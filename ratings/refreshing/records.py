"""A result as stored: a snapshot and its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version

import numpy as np
from django.db import transaction
from django.utils import timezone

from arena.models import Contestant

from .. import VERSION
from ..archive import covariances as stored
from ..archive.methods import Rated
from ..core import Ratings, Status
from ..core.uncertainty.voters import Clustering
from ..facts import Facts, Voters, Worth
from ..limits import CACHES
from ..models import Board, Rating, Snapshot
from . import covariances, duel
from .reading import Input

CODE_VERSION = f"evenhand {VERSION}, numpy {version('numpy')}, scipy {version('scipy')}"


def draft(board: Board, given: Input, result: Rated) -> Snapshot:
    return Snapshot(
        board=board,
        last_vote_id=given.last_vote_id,
        votes=result.votes,
        input_sha256=given.sha256,
        fingerprint=given.fingerprint,
        code_version=CODE_VERSION,
        facts=Facts(
            duel=duel.of(given.contestants, result.ratings),
            months=tuple(given.months),
            style=tuple(_rounded(result.worth)),
            voters=_voters(result.clustering),
        ),
    )


def _voters(found: Clustering | None) -> Voters | None:
    return None if found is None else Voters(found.voters, found.effective)


def _rounded(worth: Iterable[Worth]) -> Iterator[Worth]:
    for one in worth:
        numbers = {name: round(getattr(one, name), 2) for name in ("points", "lower", "upper")}
        yield replace(one, **numbers)


@transaction.atomic
def write(snapshot: Snapshot, given: Input, result: Ratings) -> Snapshot:
    """Save the snapshot; delete old drafts, and the covariances of old publications. The previous
    one may still be on show, and reports are of the newest publication."""
    snapshot.save()
    Rating.objects.bulk_create(lines(snapshot, given.contestants, result))
    if covariances.is_kept(snapshot.board):
        members = covariances.members(snapshot.board, given.contestants, result)
        stored.write(snapshot, result, members)
    every = snapshot.board.snapshots.order_by("-pk")
    before = every.filter(pk__lt=snapshot.pk).values("pk")[:1]
    long_ago = timezone.now() - timedelta(seconds=CACHES.drafts_s)
    older = every.filter(created__lt=long_ago, pk__lt=before)
    published = every.exclude(published=None).values("pk")[:1]
    stored.forget(older.exclude(pk__in=published))
    older.filter(published=None).delete()
    return snapshot


def lines(snapshot: Snapshot, contestants: list[Contestant], result: Ratings) -> Iterator[Rating]:
    best_first = np.argsort(-np.nan_to_num(result.scores, nan=-np.inf), kind="stable")
    low, high, tiers = result.rank_low, result.rank_high, result.tier
    for position, i in enumerate(best_first, start=1):
        yield Rating(
            snapshot=snapshot,
            contestant=contestants[i],
            position=position,
            score=_number(result.scores[i]),
            lower=_number(result.lower[i]),
            upper=_number(result.upper[i]),
            rank_low=int(low[i]) or None,
            rank_high=int(high[i]) or None,
            votes=int(result.votes[i]),
            win_rate=_number(result.win_rate[i]),
            status=Status(int(result.status[i])).name.lower(),
            tier=int(tiers[i]) or None,
        )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
