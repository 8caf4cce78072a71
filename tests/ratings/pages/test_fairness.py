"""The page that answers critics: made of a campaign's data, and only of what is public."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from arena.contestants import lifecycle
from arena.labels.slices import month_slice
from arena.models import Campaign, Contestant, Tally
from ratings.refreshing import drafts, publications
from tests import factories
from tests.ratings.conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/fairness/"


def text_of(client: Client, address: str = PAGE) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.content.decode())))


def test_every_point_is_answered_from_the_campaign(
    client: Client, campaign: Campaign, contestants: list[Contestant], votes: None
) -> None:
    drafts.refresh_all()
    said = text_of(client)
    assert "all 3 models with a vote are here" in said
    assert "0 of 2 open ones, 0 of 1 closed ones" in said
    assert "116 votes so far" in said
    assert "Retired or paused, and still on it: 0 models." in said


def test_a_retired_model_is_counted_and_logged(
    client: Client, campaign: Campaign, contestants: list[Contestant], votes: None
) -> None:
    ada = contestants[0]
    lifecycle.change_state([ada], Contestant.State.RETIRED, "Its provider took it away, for good")
    drafts.refresh_all()
    said = text_of(client)
    assert "1 of 2 open ones, 0 of 1 closed ones" in said
    assert "still on it: 1 model." in said
    assert "Ada draft → retired: Its provider took it away, for good" in said
    rows = list(csv.reader(io.StringIO(client.get(f"{PAGE}log.csv").content.decode())))
    assert rows[1][1:] == ["Ada", "draft → retired", "Its provider took it away, for good"]


def test_log_names_no_model_that_is_not_on_the_board(
    client: Client, campaign: Campaign, contestants: list[Contestant], votes: None
) -> None:
    secret = factories.contestant("Not yet announced", state=Contestant.State.DRAFT)
    lifecycle.enter(secret, Contestant.State.HIDDEN, "It may take part soon")
    drafts.refresh_all()
    assert "Not yet announced" not in text_of(client)
    assert b"Not yet announced" not in client.get(f"{PAGE}log.csv").content


def test_models_beyond_the_snapshot_are_told(
    client: Client, campaign: Campaign, contestants: list[Contestant], votes: None
) -> None:
    drafts.refresh_all()
    newcomer = factories.contestant("Dee")
    tally(campaign, contestants[0], newcomer, 1, 0, 0, 0)
    assert "the first of 1 model not on it" in text_of(client)


def test_fresh_votes_that_tell_otherwise_are_told(
    client: Client,
    campaign: Campaign,
    contestants: list[Contestant],
    votes: None,
    settings: LazySettings,
) -> None:
    settings.SLICE_VOTES = 50
    a, b, c = contestants
    this_month = month_slice(timezone.now())
    Tally.objects.filter(slice="overall").update(first_wins=400, second_wins=400)
    for first, second, wins in ((a, b, 90), (a, c, 90), (b, c, 50)):
        tally(campaign, first, second, wins, 100 - wins, 0, 0, slice=this_month)
    drafts.refresh_all()
    publications.publish_due()
    said = text_of(client)
    assert "Fresh votes put 3 models elsewhere than all votes." in said
    assert "It puts 3 models clearly elsewhere." in said


def test_without_votes_the_page_says_what_to_do(client: Client, campaign: Campaign) -> None:
    assert "No votes yet" in text_of(client)


def test_by_invitation_there_is_no_page(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    assert client.get(PAGE).status_code == 404
