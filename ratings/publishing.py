"""From a draft to a publication: a snapshot that is kept, with the file to compute it again."""

from __future__ import annotations

from dataclasses import asdict
from io import TextIOWrapper
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from arena.labels.slices import OVERALL
from arena.models import Contestant

from . import archive, records, replay, vote_facts, votes_file
from .alone import PUBLISHING, alone
from .core import NotEnoughDataError, Ratings
from .core.elo_ratings import EloSettings
from .core.ratings import Settings
from .models import Board, Snapshot
from .reading import Input

SUMMED_UP = "Some of the votes came summed up by pair, so there are no single ones."
TOO_MANY = "Single votes are left out of files with more than {:,}; see docs/exporting.md."


def publish_due() -> list[Snapshot]:
    """Give a permalink to the newest snapshot of each board whose last publication is old, unless
    another worker is at it."""
    with alone(PUBLISHING) as is_mine:
        return [publish(snapshot) for snapshot in _due()] if is_mine else []


def _due() -> list[Snapshot]:
    newest = Snapshot.objects.order_by("board", "-pk").distinct("board")
    waiting = Snapshot.objects.filter(pk__in=newest.values("pk"), published=None)
    drafts = waiting.defer("archive").select_related("board__campaign")
    return [snapshot for snapshot in drafts if is_due(snapshot)]


def is_due(snapshot: Snapshot) -> bool:
    if snapshot.board.slice != OVERALL or snapshot.board.method == Board.Method.STYLE:
        return False  # live only: the file has neither labels nor styles of votes
    if snapshot.board.method == Board.Method.ELO and snapshot.votes > settings.ARCHIVE_VOTES:
        return False  # nobody could compute it again
    recent = timezone.now() - settings.PUBLISH_EVERY
    return not snapshot.board.snapshots.filter(published__gt=recent).exists()


def publish(draft: Snapshot) -> Snapshot:
    """Publish the draft; when votes have come since, or left, a newer snapshot in its place."""
    board = draft.board
    with replay.reading(board.campaign, most=settings.ARCHIVE_VOTES) as (given, votes):
        result = rate(board, given, votes)
        is_same = draft.fingerprint == given.fingerprint
        snapshot = draft if is_same else records.draft(board, given, result)
        content = content_of(snapshot, given, result, why_no_votes(given, votes))
        snapshot.archive = archive.pack(content, votes)
        snapshot.archive_sha256 = archive.sha256(snapshot.archive)
        snapshot.published = timezone.now()
        if board.slug == OVERALL:
            snapshot.facts["votes"] = vote_facts.of(board.campaign)
        if is_same:
            snapshot.save(update_fields=["archive", "archive_sha256", "published", "facts"])
        else:
            records.write(snapshot, given, result)
    return snapshot


def rate(board: Board, given: Input, votes: IO[bytes] | None) -> Ratings:
    """Raises NotEnoughDataError where the method needs what these votes do not tell."""
    if board.method != Board.Method.ELO:
        return archive.rate(given.numbered(), len(given.contestants), settings_of(board))
    if votes is None:
        raise NotEnoughDataError("Elo needs the order of the votes, and some came summed up.")
    text = TextIOWrapper(votes, newline="")
    in_order = votes_file.read(text)
    text.detach()  # or the file would be closed with it
    votes.seek(0)
    return archive.rate_in_order(in_order, len(given.contestants), settings_of(board))


def settings_of(board: Board) -> dict[str, Any]:
    """Everything that, with the tallies or votes, determines the numbers."""
    if board.method == Board.Method.ELO:
        return asdict(EloSettings())
    chosen = asdict(Settings()) | board.settings
    return {name: value for name, value in chosen.items() if name != "anchor"}


def why_no_votes(given: Input, votes: IO[bytes] | None) -> str:
    if votes is not None:
        return ""
    if replay.single_votes(given.campaign) != given.votes:
        return SUMMED_UP
    return TOO_MANY.format(settings.ARCHIVE_VOTES)


def content_of(
    snapshot: Snapshot, given: Input, result: Ratings, no_votes: str = ""
) -> archive.Content:
    return archive.Content(
        about=_about(snapshot, given) | ({"no_single_votes": no_votes} if no_votes else {}),
        models=[card(contestant) for contestant in given.contestants],
        tallies=given.numbered().tolist(),
        exclusions=given.exclusions,
        ratings=archive.rating_rows([c.slug for c in given.contestants], result),
    )


def _about(snapshot: Snapshot, given: Input) -> dict[str, Any]:
    board, campaign = snapshot.board, given.campaign
    return {
        "format": archive.FORMAT,
        "campaign": {
            name: getattr(campaign, name) for name in ("slug", "name", "kind", "source", "licence")
        },
        "board": board.slug,
        "slice": board.slice,
        "method": board.method,
        "settings": settings_of(board),
        "snapshot": snapshot.public_id,
        "last_vote": given.last_vote_id,
        "input_sha256": given.sha256,
        "code_version": records.CODE_VERSION,
        "computed": timezone.now().isoformat(timespec="seconds"),
    }


def card(contestant: Contestant) -> dict[str, object]:
    """What readers know of a contestant."""
    fields = (
        "slug", "name", "organisation", "licence", "access", "stands_in_for", "parameters",
        "active_parameters", "training_tokens", "release_date",
    )  # fmt: skip
    return {name: getattr(contestant, name) for name in fields}
