from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from arena.models import Campaign, Import, Tally
from ratings import freshness
from ratings.limits import RANGES
from ratings.models import Board
from ratings.refreshing import drafts
from tests.bending import bend

from ..boards.test_slices import part

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sliced")]
PAGE = "/leaderboard/"


@pytest.fixture
def sliced(campaign: Campaign, votes: None, settings: LazySettings) -> None:
    settings.SLICE_VOTES = 50
    part(campaign, "coding", (5, 25, 0, 0), (10, 5, 0, 0), (5, 15, 1, 2))
    part(campaign, "maths", (10, 2, 0, 0))
    part(campaign, "language-de", (30, 20, 0, 0), (5, 5, 0, 0))
    for month in ("month-2026-02", "month-2026-03"):
        part(campaign, month, (20, 20, 0, 0), (9, 5, 0, 0))
    drafts.refresh_all()


def shown(client: Client, query: str) -> str:
    freshness.clear()
    return " ".join(client.get(PAGE + query).content.decode().split())


def test_page_names_the_slice_its_votes_and_who_sorted_them(client: Client) -> None:
    page = shown(client, "?slice=coding")
    assert "Coding: " in page
    assert "from 68 votes with this filter. Prompts are sorted by rules" in page
    assert '<option value="coding" selected>Coding</option>' in page
    assert "leaderboard.csv?slice=coding" in page
    german = shown(client, "?slice=language-de")
    assert "from 60 votes with this filter. The language of a prompt is detected" in german


def test_imported_votes_are_sorted_by_whom_their_import_says(
    client: Client, campaign: Campaign
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(kind=Campaign.Kind.IMPORTED)
    Import.objects.create(campaign=campaign, format="x", name="y", labels="the release")
    assert "Prompts are sorted by the release." in shown(client, "?slice=coding")
    assert "Languages are as given by the source" in shown(client, "?slice=language-de")


def test_slice_with_too_few_votes_says_how_many_it_needs(client: Client) -> None:
    page = shown(client, "?slice=maths")
    assert "Maths: 12 of 50 votes" in page
    assert "<table" not in page
    assert '<option value="maths" selected>Maths (12 of 50 votes)</option>' in page
    assert "Hard prompts: no votes yet" in shown(client, "?slice=hard")


def test_chooser_groups_the_slices(client: Client) -> None:
    page = shown(client, "")
    order = ["Category", "coding", "maths", "Language", "language-de", "Time", "month-2026-03"]
    places = [page.index(f'"{name}"') for name in order]
    assert places == sorted(places)
    assert "February 2026" in page


def test_slice_has_one_method(client: Client) -> None:
    assert "Coding: " in shown(client, "?slice=coding&method=elo&ties=davidson")


@pytest.mark.parametrize("query", ["?slice=coding", "?slice=maths", "?since=2026-02"])
def test_slice_says_why_it_has_one_method_where_the_choice_would_be(
    client: Client, query: str
) -> None:
    page = shown(client, query)
    said = page.index(
        "Categories and months are rated by Bradley-Terry, with ties as half a win each"
    )
    assert page.index('name="style"') < said < page.index('<details class="more"')
    assert page.count('disabled aria-describedby="f-only"') == 3
    assert page.count('id="f-only"') == 1
    assert "f-only" not in shown(client, "")


def test_range_of_months_is_counted_once_and_appears(client: Client) -> None:
    query = "?since=2026-02&until=2026-03"
    page = shown(client, query)
    assert "February 2026 to March 2026: being counted" in page
    assert "108 votes being rated" in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert client.get(f"/leaderboard/arena/newest.json{query}").json() == {"snapshot": None}
    drafts.refresh_all()
    page = shown(client, query)
    assert "from 108 votes with this filter" in page
    assert "noscript" not in page
    assert "February 2026 to March 2026" in shown(client, "?since=2026-03&until=2026-02")


def test_range_without_votes_says_so(client: Client) -> None:
    assert "March 2019 to April 2019: no votes yet" in shown(client, "?since=2019-03&until=2019-04")


def test_too_many_ranges_are_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, RANGES, of_campaign=1)
    shown(client, "?since=2026-02&until=2026-03")
    page = shown(client, "?since=2026-01&until=2026-03")
    assert "Too many ranges of months at once" in page
    assert Board.objects.exclude(asked=None).count() == 1


def test_data_takes_a_slice(client: Client) -> None:
    found = client.get("/api/v1/campaigns/arena/ratings/?slice=coding").json()
    assert [row["model"] for row in found["results"]] == ["Bea", "Cy", "Ada"]
    assert found["snapshot"]["board"] == "coding"
    csv = client.get("/leaderboard/arena/leaderboard.csv?slice=coding").content.decode()
    assert csv.splitlines()[1].startswith("Bea,")
    assert client.get("/leaderboard/arena/data.json?slice=coding").json()["votes"] == 68


def test_api_lists_the_slices(client: Client) -> None:
    found = client.get("/api/v1/campaigns/arena/slices/").json()["results"]
    assert found[0] == {
        "slice": "coding", "name": "Coding", "group": "category", "votes": 68, "rated": True,
    }  # fmt: skip
    assert {row["slice"]: row["rated"] for row in found}["maths"] is False


def test_page_without_slices_has_no_chooser(client: Client, campaign: Campaign) -> None:
    Tally.objects.exclude(slice="overall").delete()
    Board.objects.exclude(slice="overall").delete()
    assert "f-slice" not in shown(client, "")
