"""From the running tallies to an immutable snapshot of a board."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from . import archive, boards, publishing, records, replay
from .core import NotEnoughDataError
from .models import Board, Snapshot
from .reading import Input, fingerprints, read

REPLAY_EVERY = timedelta(minutes=1)
REPLAY_REST = timedelta(microseconds=100)  # a vote: ten times as long as it takes


def refresh_all() -> list[Snapshot]:
    """A new snapshot for every board whose tallies have changed; of those that are due, the newest
    becomes a publication."""
    boards.ensure()
    stale = list(_stale())
    # What most people look at comes first.
    stale.sort(key=lambda board: board.slug != boards.OVERALL)
    made = [snapshot for board in stale if (snapshot := _try(board)) is not None]
    publishing.publish_due()
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
    result = publishing.rate(board, given, None)
    snapshot = records.draft(board, given, result)
    snapshot.archive = archive.pack(publishing.content_of(snapshot, given, result))
    return records.write(snapshot, given, result)


def _refresh_elo(board: Board) -> Snapshot | None:
    """All votes are replayed many times over, so the more there are, the rarer it is."""
    newest = board.newest()
    if newest is not None and timezone.now() - newest.created < (
        REPLAY_EVERY + newest.votes * REPLAY_REST
    ):
        return None
    with replay.reading(board.campaign) as (given, votes):
        if newest is not None and newest.fingerprint == given.fingerprint:
            return None
        result = publishing.rate(board, given, votes)
        return records.write(records.draft(board, given, result), given, result)


def _is_newest(board: Board, given: Input) -> bool:
    newest = board.newest()
    return newest is not None and newest.input_sha256 == given.sha256
