from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arena.labels import slices
from arena.models import Campaign, Contestant, Tally
from ratings.boards import listing
from ratings.limits import RANGES
from ratings.models import Board, Snapshot
from ratings.refreshing import drafts
from ratings.refreshing.reading import read, read_slices

from ..conftest import board_of, tally

pytestmark = pytest.mark.django_db(transaction=True)  # slices are read in one database snapshot
NOW = timezone.now().date()
MONTHS = [slices.month_slice(NOW - timedelta(days=31 * back)) for back in range(5)]


@pytest.fixture(autouse=True)
def few_are_enough(settings: LazySettings) -> None:
    settings.SLICE_VOTES = 50


def part(campaign: Campaign, name: str, *counts: tuple[int, int, int, int]) -> None:
    """Tallies of a slice: Ada : Bea, Bea : Cy, Ada : Cy."""
    a, b, c = Contestant.objects.order_by("pk")
    for (first, second), votes in zip(((a, b), (b, c), (a, c)), counts, strict=False):
        tally(campaign, first, second, *votes, slice=name)


@pytest.mark.usefixtures("votes")
def test_slice_is_rated_from_its_own_votes(campaign: Campaign) -> None:
    part(campaign, "coding", (5, 25, 0, 0), (10, 5, 0, 0), (5, 15, 1, 2))
    made = drafts.refresh_all()
    coding = board_of(made, "coding")
    assert [r.contestant.name for r in coding.ratings.all()] == ["Bea", "Cy", "Ada"]
    assert [r.contestant.name for r in board_of(made).ratings.all()] == ["Ada", "Bea", "Cy"]
    assert coding.votes == coding.board.votes == 68
    assert coding.archive is None
    assert coding.published is None


@pytest.mark.usefixtures("votes")
def test_slice_with_too_few_votes_is_not_rated_until_it_has_them(campaign: Campaign) -> None:
    part(campaign, "maths", (20, 20, 9, 0))
    assert "maths" not in {made.board.slug for made in drafts.refresh_all()}
    Tally.objects.filter(slice="maths").update(both_bad=1)
    assert [made.board.slug for made in drafts.refresh_all()] == ["maths"]
    assert drafts.refresh_all() == []


@pytest.mark.usefixtures("votes")
def test_only_what_changed_is_rated_again(campaign: Campaign) -> None:
    for name in ("coding", "maths", MONTHS[0]):
        part(campaign, name, (30, 30, 0, 0), (9, 8, 0, 0))
    drafts.refresh_all()
    Tally.objects.filter(slice=MONTHS[0]).update(ties=3)
    assert {made.board.slug for made in drafts.refresh_all()} == {MONTHS[0], "fresh"}


@pytest.mark.usefixtures("votes")
def test_fresh_is_the_sum_of_three_months(campaign: Campaign) -> None:
    names = {*(slices.bounds_of("fresh", NOW) or ()), slices.month_slice(NOW)}
    for name in (*names, "month-2001-01"):
        part(campaign, name, (10, 20, 3, 4), (5, 6, 7, 8))
    fresh = board_of(drafts.refresh_all(), "fresh")
    assert fresh.votes == len(names) * (37 + 26)
    given = read(campaign, "fresh")
    assert given.rows[:, 2:].tolist() == [
        [len(names) * n for n in counts] for counts in ((10, 20, 3, 4), (5, 6, 7, 8))
    ]


def test_slices_are_read_as_they_are_one_by_one(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    part(campaign, "coding", (1, 2, 3, 4), (5, 6, 7, 8))
    part(campaign, "month-2026-02", (1, 0, 0, 2), (5, 6, 7, 8), (1, 1, 1, 1))
    part(campaign, "month-2026-03", (0, 3, 0, 2))
    span = "months-2026-02-2026-03"
    together = read_slices(campaign, ["coding", span, "maths"])
    a, b, c = (contestant.pk for contestant in contestants)
    assert together["coding"].rows.tolist() == [[a, b, 1, 2, 3, 4], [b, c, 5, 6, 7, 8]]
    assert together[span].rows.tolist() == [
        [a, b, 1, 3, 0, 4], [a, c, 1, 1, 1, 1], [b, c, 5, 6, 7, 8],
    ]  # fmt: skip
    assert together["maths"].rows.shape == (0, 6)
    for name, given in together.items():
        alone = read(campaign, name)
        assert (alone.sha256, alone.fingerprint) == (given.sha256, given.fingerprint)
    assert together["coding"].numbered()[:, :2].tolist() == [[0, 1], [1, 2]]


@pytest.mark.usefixtures("votes")
def test_all_slices_of_a_campaign_take_one_query_for_their_tallies(campaign: Campaign) -> None:
    for i in range(20):
        part(campaign, f"language-x{chr(97 + i)}", (30, 30, 0, 0), (9, 8, 0, 0))
    with CaptureQueriesContext(connection) as queries:
        made = drafts.refresh_all()
    assert len(made) == 23
    reads = [query["sql"] for query in queries if "string_agg" in query["sql"]]
    assert len([sql for sql in reads if "language-xa" in sql and "language-xb" in sql]) == 1


@pytest.mark.usefixtures("votes")
def test_slices_that_take_too_long_have_their_turn_next(campaign: Campaign) -> None:
    for name in ("coding", "maths", "hard"):
        part(campaign, name, (30, 30, 0, 0), (9, 8, 0, 0))
    first = {made.board.slug for made in drafts.refresh_all(slices_s=0)}
    assert not first & {"coding", "maths", "hard"}
    rest = {made.board.slug for made in drafts.refresh_all()}
    assert rest == {"coding", "maths", "hard"}


def test_range_of_months_is_rated_once_somebody_asked(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    part(campaign, "month-2026-02", (30, 20, 0, 0), (5, 6, 7, 8))
    span = "months-2026-01-2026-02"
    assert span not in {made.board.slug for made in drafts.refresh_all()}
    assert listing.ask_for(campaign, span)
    assert board_of(drafts.refresh_all(), span).votes == 76
    Board.objects.filter(slug=span).update(asked=timezone.now() - timedelta(days=8))
    drafts.refresh_all()
    assert not Board.objects.filter(slug=span).exists()


def test_ranges_of_months_cannot_fill_the_table(campaign: Campaign) -> None:
    spans = [f"months-{year}-01-{year}-02" for year in range(2000, 2000 + RANGES.of_campaign + 1)]
    asked = [listing.ask_for(campaign, span) for span in spans]
    assert asked == [True] * RANGES.of_campaign + [False]
    long_ago = timezone.now() - timedelta(hours=1)
    Board.objects.filter(slug=spans[3]).update(asked=long_ago)
    assert listing.ask_for(campaign, spans[-1])
    assert not Board.objects.filter(slug=spans[3]).exists()
    assert Board.objects.exclude(asked=None).count() == RANGES.of_campaign


def test_range_of_months_that_is_being_read_is_not_deleted(campaign: Campaign) -> None:
    spans = [f"months-{year}-01-{year}-02" for year in range(2000, 2000 + RANGES.of_campaign)]
    for number, span in enumerate(spans):
        assert listing.ask_for(campaign, span)
        earlier = timezone.now() - timedelta(minutes=40 - number)
        Board.objects.filter(slug=span).update(asked=earlier)
    assert listing.ask_for(campaign, spans[0])  # somebody is still reading it
    assert listing.ask_for(campaign, "months-2000-01-2001-12")
    gone = set(spans) - set(Board.objects.values_list("slug", flat=True))
    assert gone == {spans[1]}


def test_slices_of_a_campaign_are_told_with_their_votes(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    part(campaign, "overall", (30, 30, 0, 0))
    part(campaign, "coding", (30, 31, 0, 0))
    part(campaign, "maths", (1, 0, 0, 0))
    drafts.refresh_all()
    found = [
        (board.slice, board.votes, listing.has_enough(board))
        for board in listing.slices_of(campaign)
    ]
    assert found == [("coding", 61, True), ("maths", 1, False)]


def test_refresh_of_twenty_slices_of_real_votes_is_quick(august: Campaign) -> None:
    """A generous limit that an accidentally quadratic algorithm would still exceed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO arena_tally (campaign_id, slice, first_id, second_id, first_wins,
                   second_wins, ties, both_bad)
               SELECT campaign_id, 'language-x' || n, first_id, second_id, first_wins, second_wins,
                   ties, both_bad
               FROM arena_tally, generate_series(1, 20) AS n WHERE campaign_id = %s""",
            [august.pk],
        )
    began = time.process_time()
    made = drafts.refresh_all()
    assert len(made) == 20
    assert time.process_time() - began < 10
    whole = Snapshot.objects.filter(board__campaign=august, board__slug="overall").latest("pk")
    scores = dict(whole.ratings.values_list("contestant", "score"))
    assert {**dict(made[0].ratings.values_list("contestant", "score"))} == pytest.approx(scores)
