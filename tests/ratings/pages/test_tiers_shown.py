"""Tiers on the leaderboard: a column, a sentence, and the same whatever is filtered."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from arena.models import Campaign, Contestant
from ratings.models import Rating, Snapshot
from ratings.presentation.board_view import BoardView
from ratings.presentation.lines import Line, Scores
from ratings.presentation.sentences import of_tiers
from ratings.refreshing import drafts

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
ROW = re.compile(r'<tr data-tier="(\d)">.*?<a [^>]*>([^<]+)</a>', re.DOTALL)


@pytest.fixture
def rated(campaign: Campaign, contestants: list[Contestant]) -> None:
    """Ada and Bea are close, and both far ahead of Cy."""
    a, b, c = contestants
    tally(campaign, a, b, 52, 48, 0, 0)
    tally(campaign, b, c, 90, 10, 0, 0)
    tally(campaign, a, c, 90, 10, 0, 0)
    drafts.refresh_all()


def tiers(client: Client, query: str = "") -> list[tuple[str, str]]:
    page = client.get(f"/leaderboard/arena/{query}").content.decode()
    return [(name, tier) for tier, name in ROW.findall(page)]


@pytest.mark.usefixtures("rated")
def test_page_has_a_column_and_says_what_it_means(client: Client) -> None:
    assert tiers(client) == [("Ada", "1"), ("Bea", "1"), ("Cy", "2")]
    page = " ".join(client.get("/leaderboard/arena/").content.decode().split())
    assert "Tiers: no model is separated from the best of its tier." in page
    assert page.count(">Tier</th>") == 1
    assert '<table class="tiered">' in page


@pytest.mark.usefixtures("rated")
def test_filters_and_sorting_change_no_tier(client: Client) -> None:
    assert tiers(client, "?q=cy") == [("Cy", "2")]
    assert tiers(client, "?access=open") == [("Ada", "1"), ("Cy", "2")]
    assert tiers(client, "?sort=size") == [("Ada", "1"), ("Cy", "2"), ("Bea", "1")]
    assert "tiered" not in client.get("/leaderboard/arena/?sort=size").content.decode()


@pytest.mark.usefixtures("rated")
def test_permalink_and_api_have_tiers(client: Client) -> None:
    published = Snapshot.objects.exclude(published=None).get(board__slug="overall")
    page = client.get(f"/leaderboard/snapshots/{published.public_id}/").content.decode()
    assert page.count(">Tier</th>") == 1
    found = client.get("/api/v1/campaigns/arena/ratings/").json()["results"]
    assert [(row["slug"], row["tier"]) for row in found] == [("ada", 1), ("bea", 1), ("cy", 2)]


@pytest.mark.usefixtures("rated")
def test_snapshot_of_an_older_version_has_no_column(client: Client) -> None:
    Rating.objects.update(tier=None)
    assert ">Tier</th>" not in client.get("/leaderboard/arena/").content.decode()
    assert BoardView(Snapshot.objects.latest("pk")).tiers == ""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], ""),
        ([None], ""),
        ([1, 1, None], "All are in one tier: none is separated from the best."),
        ([1, 2], "Tiers: no model is separated from the best of its tier. Each"),
        ([1, 7, 8], "Tiers: except in the last, which holds all others, no model is separated"),
    ],
)
def test_sentence_claims_what_the_intervals_allow(numbers: list[int | None], said: str) -> None:
    lines = [Line(Rating(tier=tier), Scores(0, 1)) for tier in numbers]
    assert of_tiers(lines).startswith(said)
    assert bool(of_tiers(lines)) == bool(said)
