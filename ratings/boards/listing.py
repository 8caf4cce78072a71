"""Which boards a campaign has, and how they are called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from arena.labels import slices
from arena.models import Campaign

from ..freshness import for_a_moment, for_an_epoch
from ..limits import RANGES
from ..models import Board, Snapshot
from .fingerprints import Fingerprints, fingerprints, of_slice

OVERALL = slices.OVERALL
Choice = tuple[Board.Method, Board.Ties]
CHOICES: tuple[Choice, ...] = (
    (Board.Method.BRADLEY_TERRY, Board.Ties.HALF),
    (Board.Method.BRADLEY_TERRY, Board.Ties.DAVIDSON),
    (Board.Method.BRADLEY_TERRY, Board.Ties.RAO_KUPPER),
    (Board.Method.STYLE, Board.Ties.HALF),
    (Board.Method.ELO, Board.Ties.HALF),
)
# Draws of the simulation of rank ranges: enough for a slice, and four times as fast.
DRAWS = 1000


def slug_of(method: str, ties: str, part: str = OVERALL) -> str:
    """A board's name within its campaign; defaults are left out."""
    words = [part]
    if method != Board.Method.BRADLEY_TERRY:
        words.append(method)
    elif ties != Board.Ties.HALF:
        words.append(ties)
    return "-".join(words)


def ensure(now: Fingerprints) -> None:
    """Create the missing boards: every method and reading of ties for each campaign, and each slice
    with votes. Delete the ranges of months that nobody has asked for in a week."""
    Board.objects.filter(asked__lt=_ago(RANGES.forgotten_s)).delete()
    there = {(board.campaign_id, board.slug): board for board in Board.objects.all()}
    wanted = {(board.campaign_id, board.slug): board for board in _wanted(now)}
    missing = [board for key, board in wanted.items() if key not in there]
    Board.objects.bulk_create(missing, ignore_conflicts=True)
    changed = []
    for board in there.values():
        votes = of_slice(now, board.campaign_id, board.slice).votes
        if votes != board.votes:
            board.votes = votes
            changed.append(board)
    Board.objects.bulk_update(changed, ["votes"])


def _wanted(now: Fingerprints) -> Iterator[Board]:
    for pk in Campaign.objects.values_list("pk", flat=True):
        votes = of_slice(now, pk, OVERALL).votes
        for method, ties in CHOICES:
            slug, given = slug_of(method, ties), {"ties": ties.value}
            yield Board(campaign_id=pk, slug=slug, method=method, settings=given, votes=votes)
        if votes := of_slice(now, pk, slices.FRESH).votes:
            yield of_part(pk, slices.FRESH, votes)
    for (pk, part), seen in now.items():
        if part != OVERALL and not _is_odd_month(part):
            yield of_part(pk, part, seen.votes)


def _is_odd_month(part: str) -> bool:
    """A month that nobody can ask for, of the year 9999, say."""
    return part.startswith("month-") and not slices.is_slice(part)


def of_part(campaign: int, part: str, votes: int = 0) -> Board:
    """The board of a slice, not saved: Bradley-Terry, ties half a win."""
    given = {"ties": Board.Ties.HALF.value, "draws": DRAWS}
    return Board(campaign_id=campaign, slug=part, slice=part, settings=given, votes=votes)


def ask_for(campaign: Campaign, span: str) -> bool:
    """Request a range of months: from the next refresh on there is a board for it. False when too
    many others were requested just now."""
    spans = Board.objects.filter(campaign=campaign).exclude(asked=None)
    known = spans.filter(slug=span).first()
    if known is not None:
        if known.asked is None or known.asked < _ago(RANGES.noted_s):
            Board.objects.filter(pk=known.pk).update(asked=timezone.now())
        return True
    if spans.count() >= RANGES.of_campaign:
        oldest = spans.filter(asked__lt=_ago(RANGES.evicted_s)).order_by("asked").first()
        if oldest is None:
            return False
        oldest.delete()
    board = of_part(campaign.pk, span, of_slice(fingerprints(campaign.pk), campaign.pk, span).votes)
    board.asked = timezone.now()
    Board.objects.bulk_create([board], ignore_conflicts=True)
    return True


def _ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


@for_an_epoch
def newest(
    campaign: Campaign | None, slug: str = OVERALL, day: date | None = None
) -> Snapshot | None:
    """The newest snapshot of a board, if it still has enough votes: some may have been excluded.
    For a day, the newest one published by its end."""
    found = Snapshot.objects.filter(board__campaign=campaign, board__slug=slug)
    if day is not None:
        found = found.exclude(published=None).filter(created__date__lte=day)
    last = found.defer("archive").select_related("board__campaign").order_by("-pk").first()
    return last if last and (day or has_enough(last.board)) else None


def newest_snapshots(of: QuerySet[Board]) -> QuerySet[Snapshot]:
    """The newest snapshot of each board, by one index lookup each, however many are stored."""
    return _one_each(of, Snapshot.objects.all())


def newest_publications(of: QuerySet[Board]) -> QuerySet[Snapshot]:
    """The newest publication of each board that has one."""
    return _one_each(of, Snapshot.objects.exclude(published=None))


def _one_each(of: QuerySet[Board], among: QuerySet[Snapshot]) -> QuerySet[Snapshot]:
    newest = among.filter(board=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    return Snapshot.objects.filter(pk__in=of.values(found=Subquery(newest)))


def last_published(board: str = "pk", field: str = "published") -> Subquery:
    """When a board was last published, or another field of that publication, for a query; `board`
    is the query's name for the board's primary key."""
    found = Snapshot.objects.filter(board=OuterRef(board)).exclude(published=None).order_by("-pk")
    return Subquery(found.values(field)[:1])


@for_an_epoch
def slices_of(campaign: Campaign) -> list[Board]:
    """The boards of all slices of a campaign, except the overall board and the ranges that readers
    chose, with their votes; those below `settings.SLICE_VOTES` have no snapshot. Rated like the
    overall board, so their newest snapshots compare with its own."""
    boards = Board.objects.filter(campaign=campaign, asked=None, votes__gt=0)
    return list(boards.exclude(slice=OVERALL).order_by("-votes", "slug"))


def has_enough(board: Board) -> bool:
    """Whether it is rated: the overall board from the first vote on. Votes may be excluded later,
    so a board that was rated may have too few again."""
    return board.votes >= (1 if board.slice == OVERALL else settings.SLICE_VOTES)


@for_a_moment
def public_campaigns() -> list[Campaign]:
    """Campaigns that everybody may read, the live one first."""
    campaigns = Campaign.objects.filter(visibility=Campaign.Visibility.PUBLIC)
    return sorted(campaigns, key=lambda one: (one.kind != Campaign.Kind.LIVE, one.pk))
