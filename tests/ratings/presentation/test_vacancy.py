"""Every empty page says why, in the words of one table, and so does the API."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from arena.models import Campaign, Tally
from ratings.limits import RANGES
from ratings.models import Board, Snapshot, Trouble
from ratings.presentation.vacancy import CASES, Case
from ratings.refreshing import drafts

pytestmark = pytest.mark.django_db(transaction=True)
Prepare = Callable[[Campaign], object]


def board(campaign: Campaign, slug: str = "overall", votes: int = 3, **more: Any) -> Board:
    return Board.objects.create(campaign=campaign, slug=slug, slice=slug, votes=votes, **more)


def nothing(campaign: Campaign) -> None:
    pass


def rate(campaign: Campaign) -> None:
    drafts.refresh_all()


def rate_only_ties(campaign: Campaign) -> None:
    Tally.objects.update(first_wins=0, second_wins=0, ties=5)
    drafts.refresh_all()


def rate_unpublished(campaign: Campaign) -> None:
    drafts.refresh_all()
    Snapshot.objects.update(published=None)


def fail(campaign: Campaign) -> None:
    Trouble.objects.create(
        board=board(campaign), what="COMPUTING", reason="it is odd.", retry=timezone.now()
    )


def come_from_elsewhere(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(kind=Campaign.Kind.IMPORTED)


def ask_for_many_ranges(campaign: Campaign) -> None:
    for month in range(RANGES.of_campaign):
        board(campaign, f"span-{month}", asked=timezone.now())


# By case: what is stored, the query, title, sentence, and the link that leads out.
TABLE: dict[Case, tuple[Prepare, str, str, str, tuple[str, str] | None]] = {
    Case.NO_MATCH: (
        rate, "q=nobody", "No models match your filters",
        "None of the 3 models on this board match all of your filters.", ("?", "Show all"),
    ),
    Case.TROUBLE: (
        fail, "", "No ranking here", "This board could not be computed: it is odd. It is retried "
        "when the votes change, and from time to time.",
        None,
    ),
    Case.COUNTING: (
        lambda campaign: board(campaign, "coding", 2_000), "slice=coding", "Coding: being counted",
        "2,000 votes being rated. The ranking appears here automatically, within seconds.", None,
    ),
    Case.BUSY: (
        ask_for_many_ranges, "since=2026-01&until=2026-02", "Too many ranges of months at once",
        "Other ranges are being counted. Try again in ten minutes, or choose a single month.",
        ("?", "Show all votes"),
    ),
    Case.FEW_IN_SLICE: (
        lambda campaign: board(campaign, "coding"), "slice=coding", "Coding: 3 of 1,300 votes",
        "That is too few for a meaningful ranking. It appears here once there are 1,300.",
        ("?", "Show all votes"),
    ),
    Case.NONE_IN_SLICE: (
        nothing, "slice=coding", "Coding: no votes yet", "A ranking needs 1,300 of them.",
        ("?", "Show all votes"),
    ),
    Case.RANGE_OF_A_DAY: (
        nothing, "since=2026-01&until=2026-02&on=2026-03-01",
        "Ranges of months have no past boards",
        "Only all votes and each category or single month are published and kept for every date.",
        ("?on=2026-03-01", "Show all votes, as of 1 March 2026"),
    ),
    Case.NONE_BY_THEN: (
        rate, "on=2020-01-31", "Nothing had been published by then",
        "The first publication of this board came after 31 January 2020.",
        ("?", "Show today’s board"),
    ),
    Case.NO_TEXTS: (
        come_from_elsewhere, "style=on", "No texts, no style control",
        "Style control needs the texts of the answers, and these votes came without them.",
        ("?", "Show without style control"),
    ),
    Case.FEW_TEXTS: (
        rate, "style=on", "Style control: 0 of 1,300 votes", "It needs 1,300 votes on answers "
        "whose texts are here, and is computed once a minute.",
        ("?", "Show without style control"),
    ),
    Case.NO_STYLE: (
        nothing, "style=on", "Style control: not available, or not yet", "It is computed once a "
        "minute, but not where some votes came aggregated per pair or all answers are alike "
        "in style.",
        ("?", "Show without style control"),
    ),
    Case.NO_ELO: (
        rate, "method=elo", "No Elo ratings yet", "Elo needs the order in which votes were cast. "
        "Aggregated votes have none; others are replayed once a minute.",
        ("?", "Show Bradley-Terry"),
    ),
    Case.NO_TIES: (
        rate_only_ties, "ties=davidson", "Not rated by this model of ties yet", "It needs more "
        "wins among the ties. With enough, the ranking appears here automatically, within seconds.",
        ("?", "Count ties as half a win"),
    ),
    Case.UNPUBLISHED: (
        rate_unpublished, "", "Not published yet", "The ranking is there. Its first publication "
        "follows, usually within minutes.", None,
    ),
    Case.NO_VOTES_HERE: (
        come_from_elsewhere, "", "No votes yet", "As soon as votes are counted in this campaign, "
        "its ranking appears here.", None,
    ),
    Case.NO_VOTES: (
        nothing, "", "No votes yet", "The first vote produces the first ranking, within two "
        "seconds.",
        ("/", "New battle"),
    ),
}  # fmt: skip


def told(page: str) -> tuple[str, str, tuple[str, str] | None, bool]:
    """Title, sentence, way out, and whether a screen reader hears of changes."""
    [empty] = re.findall(r'<div class="empty"(.*?)>(.*?)</div>', page, re.DOTALL)
    parts = re.search(r"<h2>(.*?)</h2>\s*<p>(.*?)</p>\s*(.*)", empty[1], re.DOTALL)
    assert parts
    link = re.search(r'href="(.*?)">(.*?)</a>', parts[3])
    texts = html.unescape(parts[1]), html.unescape(parts[2])
    return *texts, (link[1], link[2]) if link else None, "status" in empty[0]


def test_table_has_all_cases() -> None:
    assert {*TABLE} == {*Case} == {*CASES}


@pytest.mark.parametrize("case", [case for case in Case if case != Case.UNPUBLISHED])
def test_empty_board_says_why_on_its_page_and_in_the_api(
    case: Case, campaign: Campaign, votes: None, client: Client, settings: LazySettings
) -> None:
    settings.SLICE_VOTES = 0 if case == Case.NO_STYLE else 1_300
    prepare, query, title, sentence, way_out = TABLE[case]
    prepare(campaign)
    page = client.get(f"/leaderboard/arena/?{query}").content.decode()
    assert told(page) == (title, sentence, way_out, CASES[case].is_passing)
    assert ('name="q"' in page) is CASES[case].keeps_choices
    answer = client.get(f"/api/v1/campaigns/arena/ratings/?{query}").json()
    assert (answer["results"], answer["empty"]) == ([], f"{title}. {sentence}")


@pytest.mark.parametrize("part", ["", "compare/", "open-and-closed/"])
def test_board_of_all_votes_says_that_it_is_being_counted(
    part: str, campaign: Campaign, client: Client
) -> None:
    board(campaign, votes=2_000)
    title, sentence, *_ = told(client.get(f"/leaderboard/arena/{part}").content.decode())
    assert title == "All votes: being counted"
    assert sentence.startswith("2,000 votes being rated.")


def test_board_with_rows_is_not_empty(votes: None, client: Client) -> None:
    drafts.refresh_all()
    assert 'class="empty"' not in client.get("/leaderboard/arena/").content.decode()
    for page in ("", "?page=99"):
        assert client.get(f"/api/v1/campaigns/arena/ratings/{page}").json()["empty"] is None


@pytest.mark.parametrize("part", ["open-and-closed/", "statistics/", "compare/", "snapshots/"])
@pytest.mark.parametrize("case", [Case.TROUBLE, Case.NO_VOTES, Case.NO_VOTES_HERE])
def test_other_pages_say_why_they_are_empty(
    case: Case, part: str, campaign: Campaign, client: Client
) -> None:
    prepare, _, title, sentence, way_out = TABLE[case]
    prepare(campaign)
    page = client.get(f"/leaderboard/arena/{part}").content.decode()
    assert told(page) == (title, sentence, way_out, CASES[case].is_passing)


@pytest.mark.usefixtures("votes")
def test_list_of_publications_says_that_there_are_none_yet(
    campaign: Campaign, client: Client
) -> None:
    prepare, _, title, sentence, way_out = TABLE[Case.UNPUBLISHED]
    prepare(campaign)
    page = client.get("/leaderboard/arena/snapshots/").content.decode()
    assert told(page) == (title, sentence, way_out, True)


@pytest.mark.usefixtures("votes")
def test_list_of_publications_asks_why_it_is_empty_only_then(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.refresh_all()
    monkeypatch.setattr("ratings.presentation.vacancy.slice_view", None)
    monkeypatch.setattr("ratings.presentation.vacancy._troubles", None)
    assert client.get("/leaderboard/arena/snapshots/").status_code == 200
