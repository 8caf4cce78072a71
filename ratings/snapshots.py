"""From the running tallies to an immutable snapshot of a board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version

import numpy as np
from django.db import transaction
from django.utils import timezone

from arena.models import Contestant

from . import archive, boards, facts, replay
from .core import NotEnoughDataError, Ratings, Status
from .core.ratings import Settings
from .models import Board, Rating, Snapshot
from .reading import Input, fingerprints, read

CODE_VERSION = f"evenhand 0.1.0, numpy {version('numpy')}, scipy {version('scipy')}"
PUBLISH_EVERY = timedelta(hours=1)
REPLAY_EVERY = timedelta(minutes=1)  # Elo goes through all votes each time
KEEP_DRAFTS = timedelta(seconds=30)  # somebody may be reading one


def refresh_all() -> list[Snapshot]:
    """A new snapshot for every board whose tallies have changed; of those that are due, the newest
    becomes a publication."""
    boards.ensure()
    stale = list(_stale())
    # What most people look at comes first.
    stale.sort(key=lambda board: board.slug != boards.OVERALL)
    made = [snapshot for board in stale if (snapshot := _try(board)) is not None]
    publish_due()
    return made


# What could not be rated, by board: the fingerprint of its tallies. Not tried again until they
# change. Each worker finds out for itself.
_fruitless: dict[int, str] = {}


def _try(board: Board) -> Snapshot | None:
    seen = fingerprints(board.campaign_id).get(board.campaign_id, "")
    try:
        return refresh(board)
    except NotEnoughDataError:
        _fruitless[board.pk] = seen
        return None


def _stale() -> Iterator[Board]:
    now = fingerprints()
    every = Board.objects.filter(campaign__in=now).select_related("campaign")
    newest = Snapshot.objects.order_by("board", "-pk").distinct("board")
    seen = dict(newest.values_list("board", "fingerprint"))
    for board in every:
        tallies = now[board.campaign_id]
        if tallies not in (seen.get(board.pk), _fruitless.get(board.pk)):
            yield board


def refresh(board: Board) -> Snapshot | None:
    """Compute `board` again if its input has changed; None when it has not. Raises
    NotEnoughDataError where its method needs what these votes do not tell."""
    if board.method == Board.Method.ELO:
        return _refresh_elo(board)
    given = read(board.campaign)
    if not given.rows or _is_newest(board, given):
        return None
    settings = settings_of(board)
    result = archive.rate(given.numbered(), len(given.contestants), settings)
    snapshot = _draft(board, given, facts.of(given.contestants, result))
    content = archive.Content(
        about=_about(board, given, settings, snapshot),
        models=[card(contestant) for contestant in given.contestants],
        tallies=given.numbered(),
        exclusions=given.exclusions,
        ratings=archive.rating_rows([c.slug for c in given.contestants], result),
    )
    snapshot.archive = archive.pack(content)
    snapshot.archive_sha256 = archive.sha256(snapshot.archive)
    return _write(snapshot, list(_ratings(snapshot, given.contestants, result)))


def settings_of(board: Board) -> dict[str, object]:
    """Everything that, with the tallies, determines the numbers."""
    settings = asdict(Settings()) | board.settings
    return {name: value for name, value in settings.items() if name != "anchor"}


def _refresh_elo(board: Board) -> Snapshot | None:
    newest = board.newest()
    if newest is not None and timezone.now() - newest.created < REPLAY_EVERY:
        return None
    given = read(board.campaign)
    if newest is not None and newest.fingerprint == given.fingerprint:
        return None
    result = replay.of(given)
    snapshot = _draft(board, given, {})
    order = np.argsort(-result.scores, kind="stable")
    lines = [
        Rating(
            snapshot=snapshot,
            contestant=given.contestants[i],
            position=position,
            score=float(result.scores[i]),
            votes=int(result.votes[i]),
            status="rated" if result.votes[i] else "no_votes",
        )
        for position, i in enumerate(order, start=1)
    ]
    return _write(snapshot, lines)


def _is_newest(board: Board, given: Input) -> bool:
    newest = board.newest()
    return newest is not None and newest.input_sha256 == given.sha256


def _draft(board: Board, given: Input, found: dict[str, object]) -> Snapshot:
    return Snapshot(
        board=board,
        last_vote_id=given.last_vote_id,
        votes=given.votes,
        input_sha256=given.sha256,
        fingerprint=given.fingerprint,
        code_version=CODE_VERSION,
        facts=found,
    )


def _about(
    board: Board, given: Input, settings: dict[str, object], snapshot: Snapshot
) -> dict[str, object]:
    campaign = given.campaign
    return {
        "format": archive.FORMAT,
        "campaign": {
            name: getattr(campaign, name) for name in ("slug", "name", "kind", "source", "licence")
        },
        "board": board.slug,
        "slice": board.slice,
        "method": board.method,
        "settings": settings,
        "snapshot": snapshot.public_id,
        "last_vote": given.last_vote_id,
        "input_sha256": given.sha256,
        "code_version": CODE_VERSION,
        "computed": timezone.now().isoformat(timespec="seconds"),
    }


def card(contestant: Contestant) -> dict[str, object]:
    """What readers know of a contestant."""
    fields = (
        "slug", "name", "organisation", "licence", "access", "stands_in_for", "parameters",
        "active_parameters", "training_tokens", "release_date",
    )  # fmt: skip
    return {name: getattr(contestant, name) for name in fields}


@transaction.atomic
def _write(snapshot: Snapshot, ratings: list[Rating]) -> Snapshot:
    snapshot.save()
    Rating.objects.bulk_create(ratings)
    old = snapshot.board.snapshots.filter(
        published=None, created__lt=timezone.now() - KEEP_DRAFTS
    ).exclude(pk=snapshot.pk)
    old.delete()
    return snapshot


def publish_due() -> list[Snapshot]:
    """Give a permalink to the newest snapshot of each board whose last publication is old. Elo
    boards have none: their input, the order of all votes, is not part of an archive."""
    now = timezone.now()
    newest = Snapshot.objects.order_by("board", "-pk").distinct("board")
    waiting = Snapshot.objects.filter(pk__in=newest.values("pk"), published=None)
    due = [
        snapshot
        for snapshot in waiting.exclude(archive=None).defer("archive").select_related("board")
        if not snapshot.board.snapshots.filter(published__gt=now - PUBLISH_EVERY).exists()
    ]
    Snapshot.objects.filter(pk__in=[each.pk for each in due]).update(published=now)
    return due


def _ratings(
    snapshot: Snapshot, contestants: list[Contestant], result: Ratings
) -> Iterator[Rating]:
    best_first = np.argsort(-np.nan_to_num(result.scores, nan=-np.inf), kind="stable")
    low, high = result.rank_low, result.rank_high
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
        )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
