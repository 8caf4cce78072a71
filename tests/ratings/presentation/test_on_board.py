"""What the reveal of a battle says of its two models, from the newest snapshot."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arena.models import Campaign, Contestant, Voter
from arena.votes import casting
from ratings import freshness
from ratings.presentation.on_board import OnBoard, on_board
from ratings.refreshing import drafts
from tests import factories
from tests.arena.conftest import become

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rated(campaign: Campaign, votes: None) -> Campaign:
    drafts.refresh_all()
    return campaign


def known(campaign: Campaign, a: Contestant, b: Contestant) -> OnBoard:
    found = on_board(campaign, a, b)
    assert found is not None
    return found


def test_pair_is_compared_as_on_its_page(
    rated: Campaign, contestants: list[Contestant], client: Client
) -> None:
    ada, bea, _ = contestants
    found = known(rated, ada, bea)
    assert found.listed == {"ada", "bea"}
    assert found.comparison is not None
    assert found.comparison.separated
    assert found.is_exact
    middle, low, high = found.share
    page = client.get(f"/leaderboard/arena/compare/?{found.query}").content.decode()
    predicted = f"predicted, ties counting half; 95% interval {low} to {high}"
    assert f"wins {middle} of votes between them ({predicted})" in page


def test_board_that_is_not_there_yet_is_no_error(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    ada, bea, _ = contestants
    assert known(campaign, ada, bea) == OnBoard("ada", "bea")


def test_model_without_votes_is_not_compared(
    rated: Campaign, contestants: list[Contestant]
) -> None:
    new = factories.contestant("Dot")
    found = known(rated, contestants[0], new)
    assert found.listed == {"ada"}
    assert found.comparison is None


def test_slug_changed_since_the_snapshot_is_the_same_model(
    rated: Campaign, contestants: list[Contestant]
) -> None:
    ada, bea, _ = contestants
    before = known(rated, ada, bea).share
    ada.slug = "ada-2"
    ada.save()
    found = known(rated, ada, bea)
    assert found.listed == {"ada-2", "bea"}
    assert found.share == before


def test_model_without_a_score_is_not_compared(
    rated: Campaign, contestants: list[Contestant]
) -> None:
    new = factories.contestant("Dot")
    tally(rated, contestants[0], new, 3, 0, 0, 0)
    drafts.refresh_all()
    freshness.clear()
    found = known(rated, contestants[0], new)
    assert found.listed == {"ada", "dot"}
    assert found.comparison is None
    assert found.share == []


def test_campaign_by_invitation_has_no_public_board(
    rated: Campaign, contestants: list[Contestant]
) -> None:
    rated.visibility = Campaign.Visibility.INVITATION
    assert on_board(rated, *contestants[:2]) is None


def test_reveal_links_models_and_their_comparison_in_a_few_queries(
    rated: Campaign, contestants: list[Contestant], client: Client
) -> None:
    voter = Voter.objects.create()
    ada, bea, _ = contestants
    battle = factories.battle(rated, bea, ada, voter=voter)
    factories.turn(battle, "Why?", {factories.revision(one): "So." for one in (bea, ada)})
    casting.cast(battle, voter, "B")
    become(client, voter)
    address = f"/battles/{battle.public_id}/"
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert len(queries) < 25
    assert '<a href="/leaderboard/arena/models/ada/">Ada</a>' in page
    assert '<a href="/leaderboard/arena/models/bea/">Bea</a>' in page
    assert 'href="/leaderboard/arena/compare/?a=bea&amp;b=ada"' in page
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "On the leaderboard, Bea is behind Ada: it wins" in text
    assert "46 votes by others on these two models" in text
