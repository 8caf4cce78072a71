"""From the running tallies to an immutable snapshot of a board."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.utils import timezone

from arena.labels.slices import OVERALL

from . import archive, boards, methods, pair_weights, publishing, records, replay
from .alone import REPLAYING, alone
from .core import NotEnoughDataError
from .fingerprints import Fingerprints, fingerprints, of_slice
from .models import Board, Snapshot
from .reading import Input, read, read_slices

REPLAY_EVERY = timedelta(minutes=1)
REPLAY_REST = timedelta(microseconds=100)  # a vote: ten times as long as it takes
SLICES_S = 0.7  # slices take no more of one refresh: the overall board is never late for them


def refresh_all(slices_s: float = SLICES_S) -> list[Snapshot]:
    """A new snapshot for every board whose tallies have changed, what most people look at first; of
    those that are due, the newest becomes a publication."""
    now = fingerprints()
    boards.ensure(now)
    stale = list(_stale(now))
    whole = [board for board in stale if board.slice == OVERALL]
    whole.sort(key=lambda board: board.slug != OVERALL)
    made = [snapshot for board in whole if (snapshot := _try(board)) is not None]
    until = time.monotonic() + slices_s
    made += _refresh_slices([board for board in stale if board.slice != OVERALL], now, until)
    publishing.publish_due(until)
    return made


# What could not be rated, by board: the fingerprint of its tallies. Not tried again until they
# change. Each worker finds out for itself.
_fruitless: dict[int, str] = {}


def _try(board: Board) -> Snapshot | None:
    seen = fingerprints(board.campaign_id, board.slice)
    try:
        return refresh(board)
    except NotEnoughDataError:
        _fruitless[board.pk] = of_slice(seen, board.campaign_id, board.slice).text
        return None


def _stale(now: Fingerprints) -> Iterator[Board]:
    """Those that were rated longest ago first."""
    every = Board.objects.select_related("campaign")
    newest = boards.newest_snapshots(Board.objects.all())
    seen = {
        board: (pk, text) for board, pk, text in newest.values_list("board", "pk", "fingerprint")
    }
    for board in sorted(every, key=lambda board: seen.get(board.pk, (0, ""))):
        tallies = of_slice(now, board.campaign_id, board.slice).text
        known = seen.get(board.pk, (0, ""))[1], _fruitless.get(board.pk)
        if tallies and boards.has_enough(board) and tallies not in known:
            yield board


def _refresh_slices(stale: Iterable[Board], now: Fingerprints, until: float) -> Iterator[Snapshot]:
    """All slices of a campaign are read at once. What there is no time for has its turn next."""
    by_campaign: dict[int, list[Board]] = {}
    for board in stale:
        by_campaign.setdefault(board.campaign_id, []).append(board)
    for waiting in by_campaign.values():
        if time.monotonic() > until:
            return
        inputs = read_slices(waiting[0].campaign, [board.slice for board in waiting], now)
        for board in waiting:
            if time.monotonic() > until:
                return
            yield _rated(board, inputs[board.slice])


def refresh(board: Board) -> Snapshot | None:
    """Compute `board` again if its input has changed; None when it has not. Raises
    NotEnoughDataError where its method needs what these votes do not tell."""
    if board.method in methods.FROM_VOTES:
        with alone(REPLAYING, board.pk) as is_mine:
            return _refresh_from_votes(board) if is_mine else None
    given = read(board.campaign, board.slice)
    if not len(given.rows) or _is_newest(board, given):
        return None
    return _rated(board, given)


def _rated(board: Board, given: Input) -> Snapshot:
    result = publishing.rate(board, given, None)
    snapshot = records.draft(board, given, result)
    if board.slug == OVERALL:  # pages compute more from it (`results`)
        snapshot.archive = archive.pack(publishing.content_of(snapshot, given, result))
        pair_weights.write(given, result.ratings)
    return records.write(snapshot, given, result.ratings)


def _refresh_from_votes(board: Board) -> Snapshot | None:
    """All votes are read one by one, so the more there are, the rarer it is."""
    newest = board.newest()
    if newest is not None and timezone.now() - newest.created < (
        REPLAY_EVERY + newest.votes * REPLAY_REST
    ):
        return None
    with replay.reading(board) as found:
        given = found.given
        if newest is not None and newest.fingerprint == given.fingerprint:
            return None
        result = publishing.rate(board, given, found.votes)
    return records.write(records.draft(board, given, result), given, result.ratings)


def _is_newest(board: Board, given: Input) -> bool:
    newest = board.newest()
    return newest is not None and newest.input_sha256 == given.sha256
