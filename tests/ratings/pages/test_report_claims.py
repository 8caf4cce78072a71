"""What the report says of its votes, its file, its categories and its pairs is so."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from arena.matchmaking import changing
from arena.matchmaking.policies import Rules
from arena.models import Campaign, Contestant, Import, Vote
from ratings import freshness
from ratings.boards import listing
from ratings.facts import Voters
from ratings.findings import collection
from ratings.findings.leaders import leaders
from ratings.models import Rating, Snapshot
from ratings.pages.snapshots import size_of
from ratings.refreshing import drafts

from ..conftest import tally
from .test_report import publish, text_of

pytestmark = pytest.mark.django_db(transaction=True)

BLIND = "Those who voted here did not know which model wrote which answer."
STYLE = "The board can, with style control."


@pytest.fixture
def coding(
    campaign: Campaign, contestants: list[Contestant], votes: None, settings: LazySettings
) -> Snapshot:
    """Its first publication, in which Ada leads."""
    settings.SLICE_VOTES = 50
    ada, bea, cy = contestants
    tally(campaign, ada, bea, 50, 5, 0, 0, slice="coding")
    tally(campaign, bea, cy, 20, 19, 0, 0, slice="coding")
    tally(campaign, ada, cy, 50, 5, 0, 0, slice="coding")
    publish(settings)
    return Snapshot.objects.exclude(published=None).get(board__slug="coding")


def imported(contestants: list[Contestant]) -> Campaign:
    made = Campaign.objects.create(slug="brought", name="Brought", kind=Campaign.Kind.IMPORTED)
    ada, bea, cy = contestants
    for one, other in ((ada, bea), (bea, cy), (ada, cy)):
        tally(made, one, other, 20, 10, 0, 0)
    return made


def test_checksum_of_the_input_is_that_of_the_tallies_in_the_file(
    client: Client, votes: None, settings: LazySettings
) -> None:
    snapshot = publish(settings)
    data = client.get(f"/leaderboard/snapshots/{snapshot.public_id}.zip").content
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        of_tallies = hashlib.sha256(file.read("tallies.csv")).hexdigest()
        assert json.loads(file.read("snapshot.json"))["input_sha256"] == of_tallies
    said = text_of(client)
    assert f"input_sha256 {of_tallies} SHA-256 of tallies.csv in the file" in said
    assert snapshot.input_sha256 != of_tallies
    assert snapshot.input_sha256 not in said
    assert size_of(snapshot) == len(data)


def test_other_hash_has_another_name(client: Client, votes: None) -> None:
    drafts.refresh_all()
    data = client.get("/leaderboard/arena/data.json").json()
    assert "input_sha256" not in data
    assert data["rows_sha256"] == Snapshot.objects.get(board__slug="overall").input_sha256


def test_votes_cast_here_were_blind(
    client: Client, cast: list[Vote], settings: LazySettings
) -> None:
    snapshot = publish(settings)
    snapshot.facts = replace(snapshot.facts, voters=Voters(7, 7.0))  # others may have no name
    snapshot.save()
    said = text_of(client)
    assert f"This rests on 8 votes. {BLIND}" in said
    assert "8 votes on 3 models" in said
    assert "by 7 voters" not in said


def test_votes_on_named_answers_were_not_blind(
    client: Client, campaign: Campaign, cast: list[Vote], settings: LazySettings
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(named_answers=Campaign.NamedAnswers.COUNTED)
    publish(settings)
    said = text_of(client)
    assert "This rests on 8 votes." in said
    assert "did not know" not in said


def test_nothing_is_claimed_of_imported_votes(
    client: Client, contestants: list[Contestant]
) -> None:
    imported(contestants)
    drafts.refresh_all()
    said = text_of(client, "/leaderboard/brought/report/")
    assert "This rests on 90 votes." in said
    assert "is for their source to say." in said
    for claimed in ("did not know", STYLE, "the policy", "The choice of pairs"):
        assert claimed not in said


def test_imported_votes_with_texts_can_have_style_control(
    client: Client, contestants: list[Contestant]
) -> None:
    brought = imported(contestants)
    Import.objects.create(campaign=brought, format="x", name="y", labels="the release")
    drafts.refresh_all()
    assert STYLE in text_of(client, "/leaderboard/brought/report/")


def test_votes_from_elsewhere_are_told_while_they_count(campaign: Campaign) -> None:
    campaign.source = "a paper"
    assert "elsewhere" not in collection.who(campaign)
    Import.objects.create(campaign=campaign, format="x", name="y")
    assert collection.who(campaign).endswith("Votes that were cast elsewhere count too.")
    campaign.imports.update(withdrawn=timezone.now())
    assert "elsewhere" not in collection.who(campaign)


def test_categories_are_those_published(
    client: Client, campaign: Campaign, coding: Snapshot, settings: LazySettings
) -> None:
    settings.PUBLISH_EVERY = timedelta(hours=1)
    campaign.tallies.filter(slice="coding").update(first_wins=5, second_wins=60)
    drafts.refresh_all()
    freshness.clear()
    newest = listing.newest(campaign, "coding")
    assert newest is not None
    assert newest.published is None
    said = text_of(client)
    assert "Coding 149 votes 149 Ada leads." in said
    assert "Published on" not in said


def test_category_of_another_day_says_so(
    client: Client, coding: Snapshot, settings: LazySettings
) -> None:
    Snapshot.objects.filter(pk=coding.pk).update(published=datetime(2026, 5, 1, tzinfo=UTC))
    freshness.clear()
    assert "Ada leads. Published on 1 May 2026." in text_of(client)


def test_draft_of_a_category_is_not_published(client: Client, coding: Snapshot) -> None:
    Snapshot.objects.filter(pk=coding.pk).update(published=None)
    freshness.clear()
    assert "No ranking of a category has been published yet." in text_of(client)


def test_leader_is_counted_by_the_database(campaign: Campaign, coding: Snapshot) -> None:
    with CaptureQueriesContext(connection) as asked:
        [[leader], others] = leaders(campaign, 5)
    assert (leader.category, leader.votes, leader.says) == ("Coding", 149, "Ada leads.")
    assert others == []
    [of_ratings] = [q["sql"] for q in asked.captured_queries if "ratings_rating" in q["sql"]]
    assert "GROUP BY" in of_ratings
    Rating.objects.filter(snapshot=coding).exclude(rank_low=1).update(score=float("nan"))
    assert leaders(campaign, 5)[0][0].says.startswith("There are not enough votes")


def test_several_may_lead_a_category(campaign: Campaign, coding: Snapshot) -> None:
    second = Rating.objects.filter(snapshot=coding, position=2)
    second.update(rank_low=1)
    [[leader], _] = leaders(campaign, 5)
    assert leader.says == "2 of 3 models may be first; the others are behind."


def test_policy_is_the_one_at_the_publication(
    client: Client,
    campaign: Campaign,
    contestants: list[Contestant],
    votes: None,
    settings: LazySettings,
) -> None:
    publish(settings)
    first = "pairs were drawn by the policy active-1, in force since"
    assert first in text_of(client)
    assert "strategy active: the most informative pairs more often floor 20%" in text_of(client)
    rules = Rules("uniform", weights={contestants[0].pk: 3.0}, floor=0.1)
    changing.change(campaign, rules, "A trial.")
    freshness.clear()
    assert first in text_of(client)
    campaign.tallies.update(first_wins=40)
    publish(settings)
    said = text_of(client)
    assert "pairs were drawn by the policy uniform-2, in force since" in said
    assert "strategy uniform factors Ada ×3 floor 10%" in said
    assert "most informative" not in said
    assert "drawn more often if" not in said


def test_shared_pairs_of_a_prepared_campaign_are_told(
    client: Client, campaign: Campaign, votes: None, settings: LazySettings
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(kind=Campaign.Kind.PREPARED)
    publish(settings)
    said = text_of(client)
    assert "strategy uniform floor 20%" in said
    assert "Pairs of answers that several voters are to judge come first." in said
    assert "equally likely" not in said


def test_nothing_of_the_live_board_is_in_it_and_the_fit_is_no_forecast(
    client: Client, votes: None, settings: LazySettings
) -> None:
    publish(settings)
    said = text_of(client)
    assert "Do old votes hold up a score?" not in said
    assert "Pair by pair, votes are" in said
    assert "In groups of similar predictions, errors of single pairs cancel out" in said
    assert "The scores come from the same votes" in said
    assert "not whether it would predict new votes." in said
    assert f"this ranking does not take that out. {STYLE}" in said
