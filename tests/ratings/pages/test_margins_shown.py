"""What a comparison says with a margin, on its page and in the API."""

from __future__ import annotations

import math
import re
from html import unescape

import pytest
from django.test import Client
from scipy.stats import norm

from arena.models import Campaign, Contestant
from ratings.refreshing import drafts

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v1/campaigns/arena/compare/"


@pytest.fixture(autouse=True)
def rated(campaign: Campaign, contestants: list[Contestant]) -> None:
    """Ada and Bea are close, known from many votes; Cy is far behind, known from few."""
    a, b, c = contestants
    tally(campaign, a, b, 4050, 3950, 0, 0)
    tally(campaign, b, c, 30, 10, 0, 0)
    drafts.refresh_all()


def text(client: Client, query: str) -> str:
    page = client.get(f"/leaderboard/arena/compare/{query}").content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_page_says_that_two_are_as_good(client: Client) -> None:
    said = text(client, "?a=ada&b=bea")
    assert "as good as each other within a margin of 20 points (52.9% of votes between" in said
    assert "It also holds corrected for looking at all 3 pairs of this board." in said


def test_order_of_the_two_changes_no_verdict(client: Client) -> None:
    for query in ("?a=ada&b=cy", "?a=cy&b=ada"):
        assert "Ada is ahead by more than the margin of 20 points" in text(client, query)


def test_correction_for_all_pairs_leaves_less(client: Client) -> None:
    said = text(client, "?a=bea&b=cy&margin=80")
    assert "Bea is ahead by more than the margin of 80 points (61.3% of votes between" in said
    assert "all 3 pairs of this board, less can be said: Bea is ahead; whether by more" in said


def test_margin_too_narrow_for_the_votes_says_how_many_more(client: Client) -> None:
    said = text(client, "?a=ada&b=bea&margin=5")
    assert "Ada is not worse than Bea by more than the margin of 5 points" in said
    found = re.search(r"about ([\d,]+) more votes on this pair would show them", said)
    assert found
    gap, margin = math.log(4050 / 3950), 5 / 400 * math.log(10)
    precision, a_vote = (norm.ppf(0.95) / (margin - gap)) ** 2, 4050 * 3950 / 8000**2
    assert int(found[1].replace(",", "")) == pytest.approx(precision / a_vote - 8000, rel=1e-3)


@pytest.mark.parametrize("margin", ["0", "401", "1.5", "-3", "x", "²"])
def test_margin_that_is_none_is_refused(client: Client, margin: str) -> None:
    answer = client.get("/leaderboard/arena/compare/", {"margin": margin})
    assert answer.status_code == 400
    assert "a whole number of points from 1 to 400" in unescape(answer.content.decode())
    assert client.get(API, {"a": "ada", "b": "bea", "margin": margin}).status_code == 400


def test_api_has_verdicts_and_p_values(client: Client) -> None:
    there = client.get(API, {"a": "ada", "b": "bea", "margin": "12"}).json()
    back = client.get(API, {"a": "bea", "b": "ada", "margin": "12"}).json()
    assert there["better"] == back["better"] == "ada"
    assert there["verdict"] == back["verdict"] == "as_good"
    assert there["verdict_among_all"] == "not_worse"
    assert there["margin_share"] == pytest.approx(1 / (1 + 10 ** (-12 / 400)))
    assert there["a_not_worse_p"] == back["b_not_worse_p"] < 0.001
    deviation = (there["gap_upper"] - there["gap"]) / norm.ppf(0.975)
    expected = norm.cdf((there["gap"] - 12) / deviation)
    assert there["as_good_p"] == there["b_not_worse_p"] == pytest.approx(expected)
    assert there["votes_until_as_good"] is None
    assert there["votes_until_separated"] > 0
