"""Every public address of the site: HEAD requests, and odd parameters, which break no page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from arena.models import Campaign, Contestant
from ratings import freshness
from ratings.facts import Facts
from ratings.models import Snapshot
from ratings.presentation.choices import Choices
from ratings.refreshing import drafts

pytestmark = pytest.mark.django_db(transaction=True)
BOARDS = [
    "/leaderboard/arena/",
    "/leaderboard/arena/embed/",
    "/leaderboard/arena/data.json",
    "/leaderboard/arena/leaderboard.csv",
    "/api/v1/campaigns/arena/ratings/",
    "/api/v1/campaigns/arena/ratings.csv",
]
CHOOSING = ("newest.json", "leaderboard.parquet", "feed.atom", "snapshots/")  # boards too
POSTED = {"begin", "continue", "stop", "vote", "withdraw", "object"}
POSTED |= {
    "campaign_begin",
    "campaign_reveal",
    "mine_consent",
    "mine_link",
    "mine_data",
}  # the last one only for a voter
# Others have one over time.
FIGURES = {
    "compare": "by-slice", "fairness": "log", "integrity": "by-month", "models": "history",
    "response-times": "first-words", "reasons": "shares", "checks": "right",
}  # fmt: skip
CHOICES = [field.name for field in fields(Choices)]
OTHERS = [("a", "b"), ("page", "per_page"), ("prompt", "invitation", "unheard-of")]
ODD = ["9999-12-31", "2099-12", "9" * 5000, "\0"]


@pytest.fixture(autouse=True)
def rated(votes: None) -> None:
    drafts.refresh_all()


def patterns(parts: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """Routes with their names, below a prefix."""
    for part in parts:
        route = before + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from patterns(part.url_patterns, route)
        else:
            yield route, part.name or ""


def addresses() -> list[str]:
    """All public addresses, on data with something to show."""
    published = Snapshot.objects.get(board__slug="overall").public_id
    routes = [route for route, name in patterns(get_resolver().url_patterns) if name not in POSTED]
    # Chats are behind a setting, health is 503 without workers, and weights are signed.
    hidden = re.compile("admin/|battles/|chats/|votes/|shared/|weights/|healthz|.*<path:|.*\\[")
    return [filled(route, published) for route in routes if not hidden.match(route)]


def filled(route: str, published: str) -> str:
    """One address of a route."""
    part = route.split("/")[2] if route.count("/") > 1 else ""
    values = {"campaign": "arena", "slug": "arena" if route.startswith("campaigns/") else "ada"}
    values |= {"public_id": published, "page": "all", "name": FIGURES.get(part, "over-time")}
    values |= {"prompts": "up-to-100", "reason": "accurate"}
    for name, value in values.items():
        route = route.replace(f"<slug:{name}>", value)
    return f"/{route}?a=ada&b=bea" if route.endswith("/compare/") else f"/{route}"


def test_head_gets_the_headers_of_get(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 2e9)  # otherwise Expires may differ by a second
    monkeypatch.setattr("random.randrange", lambda most: 0)  # and so may the suggested prompts
    for address in addresses():
        got, head = client.get(address), client.head(address)
        assert (address, got.status_code) in [(address, status) for status in (200, 301, 302)]
        assert (address, head.status_code, head.content) == (address, got.status_code, b"")
        assert {**head.headers} == {**got.headers}, address


def test_head_first_is_kept_for_get(client: Client) -> None:
    head, got = client.head("/leaderboard/arena/"), client.get("/leaderboard/arena/")
    assert head["ETag"] == got["ETag"]
    assert b"Ada leads." in got.content


def test_odd_parameters_break_no_page(client: Client) -> None:
    client.raise_request_exception = False  # a broken page returns 500 instead
    reading = [*BOARDS, *(f"/leaderboard/arena/{name}" for name in CHOOSING)]
    asked = [(address, names) for address in addresses() for names in OTHERS]
    asked += [(address, (name,)) for address in reading for name in CHOICES]
    broken = [
        (address, names, odd)
        for address, names in asked
        for odd in ODD
        if client.get(address, dict.fromkeys(names, odd)).status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("odd", ["\0", "%2e%2e", "x" * 3000, "🦙"])
def test_odd_names_break_no_page(client: Client, odd: str) -> None:
    client.raise_request_exception = False
    for address in (
        "/battles/{}/",
        "/votes/{}/",
        "/leaderboard/{}/",
        "/api/v1/snapshots/{}/",
        "/campaigns/{}/",
    ):
        assert client.get(address.format(quote(odd))).status_code == 404


@pytest.mark.parametrize("address", BOARDS)
@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("slice=nope", 404, "slice may be: coding, maths, creative-writing"),
        ("on=soon", 400, "on may be: a day such as 2026-03-31."),
        ("since=2026", 400, "since may be: a month such as 2026-03."),
        ("method=luck", 400, "method may be: elo, bradley-terry."),
        ("size=tall", 400, "size may be: small, medium, large, huge."),
    ],
)
def test_choice_that_there_is_not_is_refused(
    client: Client, address: str, query: str, status: int, says: str
) -> None:
    response = client.get(f"{address}?{query}")
    assert response.status_code == status
    assert says in response.content.decode()


def rows(client: Client, address: str) -> list[object]:
    """The rows of a board, in any of its formats."""
    response = client.get(address)
    if "json" not in response["Content-Type"]:
        return list(response.content.splitlines()[1:])
    found = response.json()
    return list(found["results"] if "results" in found else found["ratings"])


@pytest.mark.parametrize("address", BOARDS[2:])
def test_data_of_a_day_are_those_published_by_then(
    client: Client, campaign: Campaign, address: str
) -> None:
    first = rows(client, address)
    Snapshot.objects.update(created=datetime(2026, 1, 1, 23, 59, tzinfo=UTC))
    campaign.tallies.update(first_wins=0)
    drafts.refresh_all()
    freshness.clear()
    assert rows(client, address) != first
    assert rows(client, f"{address}?on=2026-01-01") == first
    assert rows(client, f"{address}?on=2025-12-31") == []
    assert rows(client, f"{address}?on=9999-12-31") == first  # the newest one published


def test_links_to_data_keep_the_day(client: Client) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    page = client.get(f"/leaderboard/arena/?on={today}").content.decode()
    assert f'leaderboard.csv?on={today}"' in page
    assert f'href="?on={today}&amp;sort=name"' in page


@pytest.mark.parametrize(
    ("address", "sentence", "back", "words"),
    [
        ("arena/?method=glicko", "“method=glicko” is not", "arena/", "Show without this choice"),
        ("arena/?slice=nothing", "“slice=nothing” is not", "arena/", "Show without this choice"),
        ("nowhere/", "There is no such campaign.", "", "Leaderboard"),
        ("arena/models/nobody/", "No model of that name", "", "Leaderboard"),
        ("snapshots/nothing/", "There is no such snapshot.", "", "Leaderboard"),
        ("arena/statistics/nothing.csv", "There is no such figure.", "", "Leaderboard"),
        ("arena/no/such/page/", "Check the address", "", "Leaderboard"),
    ],
)
def test_what_is_not_there_says_so_and_leads_back(
    client: Client, address: str, sentence: str, back: str, words: str
) -> None:
    response = client.get(f"/leaderboard/{address}")
    page = response.content.decode()
    assert response.status_code == (400 if "method" in address else 404)
    assert sentence in page
    assert f'<a class="button primary" href="/leaderboard/{back}">{words}</a>' in page
    assert "New battle" not in page


def test_page_that_is_sent_something_says_that_it_is_read(client: Client) -> None:
    response = client.post("/leaderboard/arena/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert "This page can only be read" in response.content.decode()


def test_comparison_with_an_unknown_model_says_which(client: Client) -> None:
    response = client.get("/leaderboard/arena/compare/?a=nobody&b=ada")
    page = response.content.decode()
    assert response.status_code == 404
    assert "No model is called “nobody” here." in page
    assert '<option value="">Choose a model</option>' in page
    assert '<option value="ada" selected>' in page
    assert client.get("/leaderboard/arena/compare/by-slice.csv?a=nobody").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "a=ada", "a=&b=", "a=bea&b=bea", "a=ada&a=bea", "b=zoë", "a=%00&b=%ff"]
)
def test_figure_of_two_models_without_two_is_not_found(client: Client, query: str) -> None:
    """Without models of known access, no two are preselected."""
    Snapshot.objects.update(facts=Facts())
    freshness.clear()
    for name in ("by-slice", "x"):
        response = client.get(f"/leaderboard/arena/compare/{name}.csv?{query}")
        assert response.status_code == 404
        assert client.get(f"/leaderboard/arena/compare/?{query}").status_code in (200, 404)


def test_comparison_outlives_a_model_s_old_name(client: Client) -> None:
    Contestant.objects.filter(slug="ada").update(slug="ada-2")
    page = client.get("/leaderboard/arena/compare/?a=ada&b=bea")
    assert (page.status_code, "Ada is " in page.content.decode()) == (200, True)
    assert client.get("/leaderboard/arena/compare/by-slice.csv?a=ada&b=bea").status_code == 404


def test_embedded_table_is_of_the_chosen_board_and_names_it(client: Client) -> None:
    address = "/leaderboard/arena/embed/"
    assert "All votes" not in client.get(f"{address}?access=open").content.decode()
    page = client.get(f"{address}?ties=davidson").content.decode()
    assert "All votes, Bradley-Terry, ties by Davidson: Ada leads." in page
    assert 'href="/leaderboard/arena/?ties=davidson"' in page
