"""From a draft to a publication: a snapshot that is kept, with the file to recompute it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from io import TextIOWrapper
from typing import IO, Any, TypeVar

from django.conf import settings
from django.db import DataError
from django.db.models import F, Q
from django.utils import timezone

from arena.labels.slices import OVERALL, is_span
from arena.models import Contestant

from ..archive import methods, snapshot_file, style, voters_file, votes_file
from ..archive.methods import Rated
from ..archive.results import Result
from ..archive.votes_file import Votes
from ..boards import listing
from ..core import NotEnoughDataError
from ..core.methods.elo_ratings import EloSettings
from ..core.methods.ratings import Settings
from ..models import Board, Snapshot, Trouble
from . import (
    apart,
    clusterings,
    flips,
    integrity,
    reasons,
    records,
    replay,
    shares,
    speeds,
    troubles,
    vote_facts,
)
from .alone import RATING, alone
from .reading import Input

logger = logging.getLogger(__name__)
T = TypeVar("T")

PUBLISHING = Trouble.What.PUBLISHING


def publish_due(
    until: float = float("inf"), hand_over: apart.HandOver | None = None
) -> list[Snapshot]:
    """Give a permalink to the newest snapshot of each board whose last publication is old. After
    `until`, on the monotonic clock, at most one slice: the others follow next time. Slow boards are
    handed over."""
    due = _due()
    if hand_over is not None:
        slow = [draft for draft in due if draft.board.is_slow or apart.has_many_models(draft)]
        apart.give([draft.board for draft in slow], PUBLISHING, hand_over)
        due = [draft for draft in due if draft not in slow]
    made = []
    for draft in sorted(due, key=lambda draft: (draft.board.slice != OVERALL, draft.pk)):
        made += publish_newest(draft.board)
        if draft.board.slice != OVERALL and time.monotonic() > until:
            break
    return made


def publish_newest(board: Board) -> list[Snapshot]:
    """Publish the newest draft of a board; empty if there is none, if another worker holds its
    lock, or if it fails: then its trouble is recorded."""
    with (
        alone(RATING, board.pk) as is_mine,
        suppress(NotEnoughDataError),  # votes were excluded since; there will be another draft
        troubles.attempt(board, PUBLISHING),
    ):
        draft = board.newest() if is_mine else None
        if draft is not None and draft.published is None:
            return [publish(draft)]
    return []


def _due() -> list[Snapshot]:
    """Snapshots to publish now. Ranges of months that readers chose are never published, nor is a
    draft of what was published last: an upgrade may have a board rated again."""
    now = timezone.now()
    old = Q(slice=OVERALL, last__lte=now - settings.PUBLISH_EVERY)
    old |= ~Q(slice=OVERALL) & Q(last__lte=now - settings.PUBLISH_SLICES_EVERY)
    every = Board.objects.filter(asked=None).annotate(last=listing.last_published())
    waiting = every.filter(old | Q(last=None)).exclude(pk__in=troubles.resting(PUBLISHING))
    drafts = listing.newest_snapshots(waiting).filter(published=None)
    drafts = drafts.annotate(known=listing.last_published("board", "input_sha256"))
    drafts = drafts.filter(
        # Their input is each vote, not the tallies alone.
        Q(board__method__in=methods.FROM_VOTES) | Q(known=None) | ~Q(input_sha256=F("known"))
    )
    found = drafts.defer("archive").select_related("board__campaign")
    return [draft for draft in found if can_be_computed_again(draft.board)]


def can_be_computed_again(board: Board) -> bool:
    if board.method in methods.FROM_VOTES and board.votes > settings.ARCHIVE_VOTES:
        return False  # the file would lack the votes
    return listing.has_enough(board)


def publish(draft: Snapshot) -> Snapshot:
    """Publish the draft, or a newer snapshot in its place if votes were added or excluded since.
    Raises NotEnoughDataError."""
    board = draft.board
    changed = _counts_voters(board) and clusterings.count(board)
    with replay.reading(board, most=settings.ARCHIVE_VOTES) as read:
        given, result = read.given, rate(board, read.given, read.votes)
        # The style counts of the same votes may have changed since.
        is_same = draft.fingerprint == given.fingerprint and board.method != Board.Method.STYLE
        is_same = is_same and not changed
        snapshot = draft if is_same else records.draft(board, given, result)
        content = content_of(snapshot, given, result, read.why_no_votes)
        snapshot.archive = snapshot_file.pack(content, read.votes)
    snapshot.archive_sha256 = snapshot_file.sha256(snapshot.archive)
    snapshot.published = timezone.now()
    if board.slug == OVERALL:
        _add_facts(snapshot, Result(content, result.ratings))
        _if_possible(snapshot, "speeds", lambda: speeds.measure(board.campaign))
        _if_possible(snapshot, "reasons", lambda: reasons.measure(board.campaign))
    if is_same:
        snapshot.save(update_fields=["archive", "archive_sha256", "published", "facts"])
    else:
        records.write(snapshot, given, result.ratings)
    return snapshot


def _add_facts(snapshot: Snapshot, result: Result) -> None:
    snapshot.facts = replace(
        snapshot.facts,
        votes=_if_possible(snapshot, "votes", lambda: vote_facts.of(snapshot.board.campaign)),
        flips=_if_possible(snapshot, "flips", lambda: flips.of(result)),
        shares=_if_possible(snapshot, "shares", lambda: shares.of(snapshot.board.campaign)),
        integrity=_if_possible(
            snapshot, "integrity", lambda: integrity.of(snapshot.board.campaign)
        ),
    )


def _if_possible(snapshot: Snapshot, name: str, find: Callable[[], T]) -> T | None:
    """Each fact may fail without the others; pages then say that it was not computed."""
    try:
        return find()
    except (ArithmeticError, ValueError, DataError, MemoryError):
        logger.exception("%s of %s are not counted", name, snapshot.board)
        return None


def rate(board: Board, given: Input, file: IO[bytes] | None) -> Rated:
    """Raises NotEnoughDataError if the votes are not enough for the method."""
    votes = None
    if file is not None and board.method in methods.FROM_VOTES:
        votes = _read(file)
    if votes is not None and board.method == Board.Method.STYLE:
        check_enough_texts(votes)
    known = clusterings.of(board, given) if _counts_voters(board) else None
    chosen = settings_of(board) | ({"covariance": methods.CLUSTERED} if known else {})
    table = given.numbered()
    return methods.rate(board.method, chosen, len(given.contestants), table, votes, known)


def _counts_voters(board: Board) -> bool:
    """Whether its intervals take the votes of each voter together: not those of methods that read
    each vote, and not ranges of months, which are never published."""
    return board.method not in methods.FROM_VOTES and not is_span(board.slice)


def _read(file: IO[bytes]) -> Votes:
    text = TextIOWrapper(file, newline="")
    votes = votes_file.read(text)
    text.detach()  # otherwise the file would be closed with it
    file.seek(0)
    return votes


def check_enough_texts(votes: Votes) -> None:
    """Raises NotEnoughDataError."""
    known = len(votes.with_style().left)
    if known < settings.SLICE_VOTES:
        raise NotEnoughDataError(f"{known} votes have texts; it needs {settings.SLICE_VOTES}.")


def settings_of(board: Board) -> dict[str, Any]:
    """All settings that, with the tallies or votes, determine the numbers."""
    if board.method == Board.Method.ELO:
        return asdict(EloSettings())
    if board.method == Board.Method.STYLE:
        return style.settings()
    chosen = asdict(Settings()) | board.settings
    return {name: value for name, value in chosen.items() if name != "anchor"}


def content_of(
    snapshot: Snapshot, given: Input, result: Rated, no_votes: str = ""
) -> snapshot_file.Content:
    return snapshot_file.Content(
        about=_about(snapshot, given, result) | ({"no_single_votes": no_votes} if no_votes else {}),
        models=[card(contestant) for contestant in given.contestants],
        tallies=given.numbered().tolist(),
        exclusions=given.exclusions,
        ratings=snapshot_file.rating_rows([c.slug for c in given.contestants], result.ratings),
        style=snapshot_file.worth_rows(result.worth),
        clustering=result.clustering,
    )


def _about(snapshot: Snapshot, given: Input, result: Rated) -> dict[str, Any]:
    board, campaign, known = snapshot.board, given.campaign, result.clustering
    return {
        "format": snapshot_file.FORMAT,
        "campaign": {
            name: getattr(campaign, name) for name in ("slug", "name", "kind", "source", "licence")
        },
        "board": board.slug,
        "slice": board.slice,
        **({"months": given.months} if given.months else {}),
        "method": board.method,
        "settings": settings_of(board) | ({"covariance": methods.CLUSTERED} if known else {}),
        **({"voters": voters_file.about(known)} if known else {}),
        "snapshot": snapshot.public_id,
        "last_vote": given.last_vote_id,
        "input_sha256": snapshot_file.input_sha256(given.numbered().tolist()),
        "code_version": records.CODE_VERSION,
        "computed": timezone.now().isoformat(timespec="seconds"),
    }


def card(contestant: Contestant) -> dict[str, object]:
    """What readers may know of a contestant."""
    fields = (
        "slug", "name", "organisation", "licence", "access", "stands_in_for", "parameters",
        "active_parameters", "training_tokens", "release_date",
    )  # fmt: skip
    return {name: getattr(contestant, name) for name in fields} | {"access": contestant.kind}
