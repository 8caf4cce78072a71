"""From the running tallies to an immutable snapshot of a board."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import DataError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from arena import counters
from arena.counting import tallies
from arena.labels.slices import OVERALL, is_span

from ..archive import methods, snapshot_file
from ..boards import listing
from ..boards.fingerprints import Fingerprints, fingerprints, of_slice
from ..core import NotEnoughDataError
from ..models import Board, Covariance, Rating, Snapshot, Trouble
from . import ages, apart, pair_weights, publications, records, replay, troubles
from .alone import RATING, REFRESHING, alone
from .reading import Input, read, read_slices

REPLAY_EVERY = timedelta(minutes=1)
REPLAY_REST = timedelta(microseconds=100)  # per vote: ten times the time it takes
LOOKING = 0.05  # largest share of the time: detecting changes sums all tallies
COMPUTING = Trouble.What.COMPUTING
# Voters whose votes move a board together, where they are not told at once; receipts say so.
FEWEST = 5


class Looks:
    """When to check again which boards have new votes. For few tallies a check takes milliseconds
    and may happen at any time; for hundreds of thousands it takes over a second, so it is rarer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock()

    @property
    def is_due(self) -> bool:
        return self._clock() >= self._next

    def look(self) -> Fingerprints:
        began = self._clock()
        seen = fingerprints()
        self._next = began + (self._clock() - began) / LOOKING
        return seen


looks = Looks()


def refresh_all(
    slices_s: float = math.inf, hand_over: apart.HandOver | None = None
) -> list[Snapshot]:
    """A new snapshot for every board whose tallies have changed, the most viewed boards first; for
    boards that are due, the newest becomes a publication. After `slices_s` seconds, slices wait for
    the next time. With `hand_over`, slow boards go to it, so that others do not wait. Does nothing
    while another worker holds the lock."""
    with alone(REFRESHING) as is_mine:
        return _refresh_all(slices_s, hand_over) if is_mine else []


def _refresh_all(slices_s: float, hand_over: apart.HandOver | None) -> list[Snapshot]:
    now = looks.look()
    listing.ensure(now)
    stale = list(_stale(now))
    ages.note(stale)
    slow = [board for board in stale if hand_over is not None and apart.is_slow(board, now)]
    stale = [board for board in stale if board not in slow]
    whole = [board for board in stale if board.slice == OVERALL]
    whole.sort(key=lambda board: board.slug != OVERALL)
    made = [snapshot for board in whole if (snapshot := compute(board)) is not None]
    until = time.monotonic() + slices_s
    made += _refresh_slices([board for board in stale if board.slice != OVERALL], now, until)
    publications.publish_due(until, hand_over)
    if hand_over is not None:  # after publications, which steady votes would otherwise starve
        apart.give(slow, COMPUTING, hand_over)
    return made


def compute(board: Board, given: Input | None = None) -> Snapshot | None:
    """Compute a board again. None if nothing is new, if another worker holds its lock, or if it
    fails: then its trouble is recorded."""
    with alone(RATING, board.pk) as is_mine, troubles.attempt(board, COMPUTING):
        return _timed(board, given) if is_mine else None
    return None


def _timed(board: Board, given: Input | None) -> Snapshot | None:
    seen, began = fingerprints(board.campaign_id, board.slice), time.monotonic()
    try:
        made = refresh(board, given)
    except NotEnoughDataError:
        board.fruitless = of_slice(seen, board.campaign_id, board.slice).text
        board.save(update_fields=["fruitless"])
        return None
    if made is not None:
        _note_pace(board, time.monotonic() - began)
    return made


def _note_pace(board: Board, seconds: float) -> None:
    apart.note_pace(board, seconds)
    counters.observe(
        "board_refresh_seconds", seconds, campaign=board.campaign.slug, board=ages.name_of(board)
    )


def _stale(now: Fingerprints) -> Iterator[Board]:
    """Boards with new votes, those rated longest ago first."""
    newest = {one.board_id: one for one in _newest_snapshots()}
    whole = set(_whole().values_list("snapshot", flat=True))
    resting = troubles.resting(COMPUTING)
    every = Board.objects.select_related("campaign").exclude(pk__in=resting)
    for board in sorted(every, key=lambda board: newest[board.pk].pk if board.pk in newest else 0):
        last = newest.get(board.pk)
        seen = of_slice(now, board.campaign_id, board.slice)
        # Those of older versions lack covariance or tiers: the same votes are rated once more.
        is_whole = last is not None and (board.slug != OVERALL or last.pk in whole)
        known = last.fingerprint if last and is_whole else "", board.fruitless
        if seen.text in ("", *known) or not listing.has_enough(board):
            continue
        if _rests(board, last) or _is_held(board, last, seen.votes):
            continue
        yield board


def _newest_snapshots() -> QuerySet[Snapshot]:
    return listing.newest_snapshots(Board.objects.all()).defer("archive", "facts")


def _rests(board: Board, newest: Snapshot | None) -> bool:
    """Whether a board that reads every vote is paused; the more votes, the longer the pause."""
    if newest is None or board.method not in methods.FROM_VOTES:
        return False
    return timezone.now() - newest.created < REPLAY_EVERY + newest.votes * REPLAY_REST


def _is_held(board: Board, newest: Snapshot | None, votes: int) -> bool:
    """Whether to wait for votes of more voters, where they are not told at once: one who saw the
    board move with their own votes alone would know whose texts these were."""
    if newest is None or board.campaign.tells_at_once:
        return False
    if timezone.now() - newest.created < settings.PUBLISH_EVERY:
        return True
    if board.campaign.has_closed():  # nobody can vote once more to see what moves
        return False
    if abs(votes - newest.votes) < FEWEST:  # and so of fewer voters
        return True
    part = OVERALL if is_span(board.slice) else board.slice
    return tallies.voters_since(board.campaign_id, part, newest.created) < FEWEST


def _refresh_slices(stale: Iterable[Board], now: Fingerprints, until: float) -> Iterator[Snapshot]:
    """All slices of a campaign are read at once. Those left when time runs out come first next
    time."""
    by_campaign: dict[int, list[Board]] = {}
    for board in stale:
        by_campaign.setdefault(board.campaign_id, []).append(board)
    for waiting in by_campaign.values():
        if time.monotonic() > until:
            return
        inputs = _read_together(waiting, now)
        for board in waiting:
            if time.monotonic() > until:
                return
            if (made := compute(board, inputs.get(board.slice))) is not None:
                yield made


def _read_together(waiting: list[Board], now: Fingerprints) -> Mapping[str, Input]:
    """Empty if that fails: each board is then read alone, and the faulty one records why."""
    try:
        return read_slices(waiting[0].campaign, [board.slice for board in waiting], now)
    except (DataError, ValueError):
        return {}


def refresh(board: Board, given: Input | None = None) -> Snapshot | None:
    """Compute `board` again if its input, read just before or now, has changed; else None. Raises
    NotEnoughDataError if the votes are not enough for its method."""
    if board.method in methods.FROM_VOTES:
        return None if _rests(board, board.newest()) else _refresh_from_votes(board)
    given = given or read(board.campaign, board.slice)
    if not len(given.rows) or _is_newest(board, given):
        return None
    return _rated(board, given)


def _rated(board: Board, given: Input) -> Snapshot:
    result = publications.rate(board, given, None)
    snapshot = records.draft(board, given, result)
    if board.slug == OVERALL:  # pages compute with it (`results`)
        content = publications.content_of(snapshot, given, result)
        # Nobody recomputes a draft, and the sums over voters are most of a file.
        snapshot.archive = snapshot_file.pack(replace(content, clustering=None))
    records.write(snapshot, given, result.ratings)
    if board.slug == OVERALL:
        pair_weights.write(given, result.ratings)
    return snapshot


def _refresh_from_votes(board: Board) -> Snapshot | None:
    newest = board.newest()
    with replay.reading(board) as found:
        given = found.given
        if newest is not None and newest.fingerprint == given.fingerprint:
            return None
        result = publications.rate(board, given, found.votes)
    return records.write(records.draft(board, given, result), given, result.ratings)


def _is_newest(board: Board, given: Input) -> bool:
    newest = board.newest()
    if newest is None or newest.input_sha256 != given.sha256:
        return False
    return board.slug != OVERALL or _whole().filter(snapshot=newest).exists()


def _whole() -> QuerySet[Covariance]:
    """Of snapshots that lack nothing which this version stores for an overall board."""
    lines = Rating.objects.filter(snapshot=OuterRef("snapshot"), score__isnull=False, tier=None)
    return Covariance.objects.filter(~Exists(lines))
