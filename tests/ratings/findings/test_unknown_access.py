"""A model of unknown access: ranked, and on neither side."""

from __future__ import annotations

import pytest
from django.test import Client

from arena.models import Campaign, Contestant, Tally
from ratings.archive.results import result_of
from ratings.findings.families import Families
from ratings.models import Snapshot
from ratings.presentation import sentences
from ratings.refreshing import drafts
from tests import factories

from ..conftest import board_of, tally
from ..pages.test_leaderboard import names

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def snapshot(votes: None, campaign: Campaign, contestants: list[Contestant]) -> Snapshot:
    """Di beats everybody; her access is unknown."""
    di = factories.contestant(
        "Di", organisation="not known", licence="not known", access="UNKNOWN",
        parameters=7_000_000_000,
    )  # fmt: skip
    for other in contestants:
        tally(campaign, other, di, 4, 40, 2, 0)
    return board_of(drafts.refresh_all())


def test_it_leads_the_board_and_neither_kind(snapshot: Snapshot, client: Client) -> None:
    duel = snapshot.facts.duel
    assert duel is not None
    assert (duel.open, duel.closed) == ("ada", "bea")
    page = client.get("/leaderboard/arena/").content.decode()
    assert names(client) == ["Di", "Ada", "Bea", "Cy"]
    assert "Di leads." in page
    assert page.count('<span class="badge">access unknown</span>') == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?access=open", ["Ada", "Cy"]),
        ("?access=source", ["Ada"]),
        ("?access=closed", ["Bea"]),
        ("?laptop=1", ["Ada"]),
        ("?commercial=conditional", ["Ada", "Cy"]),
    ],
)
def test_no_filter_by_access_finds_it(
    snapshot: Snapshot, client: Client, query: str, expected: list[str]
) -> None:
    assert names(client, query) == expected


def test_page_of_both_kinds_says_who_is_left_out(snapshot: Snapshot, client: Client) -> None:
    page = client.get("/leaderboard/arena/open-and-closed/").content.decode()
    assert "One model of unknown access is left out: Di." in page
    figure = client.get("/leaderboard/arena/open-and-closed/best.csv").content.decode()
    assert "Ada" in figure
    assert "Di," not in figure
    licences = client.get("/leaderboard/arena/open-and-closed/licences.csv").content.decode()
    assert "not known" not in licences


def test_without_closed_models_it_does_not_take_their_place(
    votes: None, campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    Contestant.objects.filter(slug="bea").update(access=Contestant.Access.UNKNOWN)
    snapshot = board_of(drafts.refresh_all())
    assert snapshot.facts.duel is None
    page = client.get("/leaderboard/arena/open-and-closed/").content.decode()
    assert "There is not yet a rated model of each kind." in page
    assert "model of unknown access is left out: Bea." in page


def test_sentence_names_two_and_counts_the_others() -> None:
    known = "models of unknown access are left out:"
    assert sentences.of_unknown([]) == ""
    assert sentences.of_unknown(["A", "B"]) == f"2 {known} A and B."
    assert sentences.of_unknown(["A", "B", "C", "D"]) == f"4 {known} A, B and 2 more."


def test_files_and_archive_say_that_it_is_unknown(snapshot: Snapshot, client: Client) -> None:
    data = client.get("/api/v1/campaigns/arena/ratings/").json()["results"]
    assert {row["slug"]: row["access"] for row in data}["di"] == "UNKNOWN"
    csv = client.get("/leaderboard/arena/leaderboard.csv").content.decode()
    assert next(line for line in csv.splitlines() if ",UNKNOWN," in line).startswith("Di,di,")
    kept = {model["slug"]: model["access"] for model in result_of(snapshot).content.models}
    assert kept["di"] == "UNKNOWN"


def test_family_of_unknown_access_is_not_the_best_open_one(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    given = (("vicuna-13b", "UNKNOWN"), ("gpt-4", "PROPRIETARY"), ("mpt-7b-chat", "OPEN_WEIGHTS"))
    models = [factories.contestant(name, access=access) for name, access in given]
    Tally.objects.all().delete()
    for first, second in ((0, 1), (1, 2), (0, 2)):
        tally(campaign, models[first], models[second], 30, 10, 0, 0)
    found = Families.of(result_of(board_of(drafts.refresh_all())))
    assert [found.is_open(family) for family in found.families] == [None, False, True]
    assert found.title().endswith("; the best open one is MPT.")
