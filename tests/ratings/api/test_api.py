from __future__ import annotations

import pytest
from django.test import Client

from arena.models import Campaign, Contestant
from ratings.models import Snapshot
from ratings.refreshing import drafts
from tests import factories

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rated(votes: None) -> None:
    drafts.refresh_all()


def test_ratings_come_with_their_intervals(client: Client) -> None:
    data = client.get("/api/v1/campaigns/arena/ratings/").json()
    assert [row["slug"] for row in data["results"]] == ["ada", "bea", "cy"]
    assert all(row["lower"] < row["score"] < row["upper"] for row in data["results"])
    assert data["snapshot"]["votes"] == 116
    assert data["facts"]["open"] == "ada"


def test_pages_cover_everything_once(client: Client) -> None:
    pages = [
        client.get(f"/api/v1/campaigns/arena/ratings/?per_page=2&page={n}").json() for n in (1, 2)
    ]
    assert [row["slug"] for page in pages for row in page["results"]] == ["ada", "bea", "cy"]
    assert {(page["count"], page["pages"]) for page in pages} == {(3, 2)}


def test_page_after_the_last_is_empty(client: Client) -> None:
    data = client.get("/api/v1/campaigns/arena/ratings/?page=99").json()
    assert (data["results"], data["page"], data["pages"], data["count"]) == ([], 99, 1, 3)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("per_page=0", "per_page must be a whole number from 1 to 500."),
        ("per_page=501", "per_page must be a whole number from 1 to 500."),
        ("per_page=" + "9" * 5000, "per_page must be a whole number from 1 to 500."),
        ("page=y", "page must be a whole number from 1 to 1000000000."),
        ("perpage=3&q=ada&x", "This address has no parameter perpage, x. It takes: slice, style,"),
        ("slice=coding&style=on", "No board has this combination: leave out style,"),
        ("slice=coding&slice=maths", "Give slice only once."),
        ("method=elo&ties=davidson", "No board has this combination: leave out ties,"),
        ("since=2026-01&slice=coding", "No board has this combination: leave out slice,"),
    ],
)
def test_slip_of_the_pen_is_refused(client: Client, query: str, says: str) -> None:
    response = client.get(f"/api/v1/campaigns/arena/ratings/?{query}")
    assert response.status_code == 400
    assert response.json()["error"].startswith(says)
    assert response["Access-Control-Allow-Origin"] == "*"


def test_filters_are_those_of_the_page(client: Client) -> None:
    data = client.get("/api/v1/campaigns/arena/ratings/?access=open&sort=name&order=down").json()
    assert [row["slug"] for row in data["results"]] == ["cy", "ada"]


def test_snapshot_is_the_same_later(client: Client, campaign: Campaign) -> None:
    public_id = Snapshot.objects.get(board__slug="overall").public_id
    before = client.get(f"/api/v1/snapshots/{public_id}/").json()
    campaign.tallies.update(first_wins=0)
    drafts.refresh_all()
    assert client.get(f"/api/v1/snapshots/{public_id}/").json() == before
    assert client.get("/api/v1/campaigns/arena/ratings/").json()["results"] != before["results"]


def test_compare_mirrors(client: Client) -> None:
    one = client.get("/api/v1/campaigns/arena/compare/?a=ada&b=cy").json()
    other = client.get("/api/v1/campaigns/arena/compare/?a=cy&b=ada").json()
    assert one["probability"] == pytest.approx(1 - other["probability"])
    assert (one["wins"], one["losses"], one["ties"]) == (25, 5, 3)
    assert (other["wins"], other["losses"]) == (5, 25)


def test_pair_that_is_not_rated_has_no_interval_that_could_be_too_wide(
    client: Client, campaign: Campaign, contestants: list[Contestant]
) -> None:
    tally(campaign, contestants[0], factories.contestant("Dee"), 0, 3, 0, 0)
    drafts.refresh_all()
    answer = client.get("/api/v1/campaigns/arena/compare/?a=ada&b=dee").json()
    assert (answer["wins"], answer["losses"]) == (0, 3)
    assert "lower" not in answer
    assert answer["exact"] is True


@pytest.mark.parametrize(
    "path",
    [
        "v1/campaigns/nowhere/ratings/",
        "v1/snapshots/nothing/",
        "v1/campaigns/arena/compare/?a=ada",
        "v1/campaigns/arena/compare/?a=ada&b=nobody",
        "v1/campaigns/arena/nothing/",
        "v2/",
    ],
)
def test_missing_thing_is_an_error_in_json(client: Client, path: str) -> None:
    response = client.get(f"/api/{path}")
    assert response.status_code == 404
    assert response.json()["error"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_any_site_may_read_and_none_may_write(client: Client) -> None:
    response = client.get("/api/v1/campaigns/")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert [row["slug"] for row in response.json()["results"]] == ["arena"]


@pytest.mark.parametrize("path", ["v1/", "v1/campaigns/arena/ratings.csv", "v1/nothing/"])
def test_what_is_sent_is_refused_in_json(path: str) -> None:
    response = Client(enforce_csrf_checks=True).post(f"/api/{path}", {"a": "b"})
    assert response.status_code == 405
    assert response.json() == {"error": "The API is read-only.", "code": "method"}
    assert response["Allow"] == "GET, HEAD"
