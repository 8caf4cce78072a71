"""Whose models were in the battles over time: votes only, and only once published."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from arena.matchmaking import changing
from arena.matchmaking.policies import Rules
from arena.models import Campaign, Contestant, Import, ImportedVote, Vote
from ratings.facts import Places, Shares
from ratings.refreshing import drafts, publications, shares
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/leaderboard/arena/shares/"
API = "/api/v1/campaigns/arena/shares/"


@pytest.fixture
def dated(campaign: Campaign, contestants: list[Contestant], cast: list[Vote]) -> list[Vote]:
    """Eight votes: all of May 2024, but the first, which is of the week before."""
    Vote.objects.update(created=datetime(2024, 5, 7, 23, 59, tzinfo=UTC))
    Vote.objects.filter(pk=cast[0].pk).update(created=datetime(2024, 5, 1, tzinfo=UTC))
    return cast


def places(votes: list[Vote]) -> dict[str, int]:
    found: dict[str, int] = {}
    for vote in votes:
        for one in (vote.battle.contestant_a, vote.battle.contestant_b):
            found[one.organisation] = found.get(one.organisation, 0) + 1
    return dict(sorted(found.items()))


def test_places_are_counted_by_week_without_open_battles_and_excluded_votes(
    campaign: Campaign, contestants: list[Contestant], dated: list[Vote]
) -> None:
    Vote.objects.filter(pk=dated[-1].pk).update(standing="EXCLUDED")
    factories.battle(campaign, contestants[0], contestants[1])  # nobody has voted on it
    first = Places("2024-04-29", places(dated[:1]))
    assert shares.of(campaign) == Shares("week", (first, Places("2024-05-06", places(dated[1:-1]))))
    Vote.objects.filter(pk=dated[0].pk).update(created=datetime(2022, 5, 1, tzinfo=UTC))
    assert shares.of(campaign).unit == "month"
    assert len(shares.of(campaign).periods) == 25


def test_withdrawn_imports_have_no_places(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    a, b, _ = contestants
    source = Import.objects.create(campaign=campaign, format="csv", name="x", sha256="0")
    ImportedVote.objects.create(
        source=source,
        contestant_a=a,
        contestant_b=b,
        verdict="A",
        at=datetime(2024, 5, 1, tzinfo=UTC),
    )
    [places] = shares.of(campaign).periods
    assert places.by == {a.organisation: 1, b.organisation: 1}
    Import.objects.update(withdrawn=datetime(2024, 6, 1, tzinfo=UTC))
    assert shares.of(campaign) == Shares()


def test_page_file_and_api_tell_what_was_published_and_no_more(
    client: Client, campaign: Campaign, contestants: list[Contestant], dated: list[Vote]
) -> None:
    drafts.refresh_all()
    publications.publish_due()
    before = client.get(PAGE).content.decode()
    assert "’s models took" in before
    rows = client.get(API).json()
    assert (rows["unit"], rows["count"]) == ("week", len({**places(dated[:1])}) + 3)
    assert sum(row["places"] for row in rows["results"]) == 2 * len(dated)
    assert sum(r["share"] for r in rows["results"] if r["start"] == "2024-05-06") == 1
    table = client.get(f"{PAGE}over-time.csv").content.decode().splitlines()
    assert len(table) == 1 + rows["count"]
    factories.vote(factories.battle(campaign, *contestants[:2]), "A")
    drafts.refresh_all()
    assert client.get(API).json() == rows  # until the next publication


def test_page_logs_every_policy_at_once(
    client: Client, campaign: Campaign, contestants: list[Contestant]
) -> None:
    first = client.get(PAGE).content.decode()
    assert "Every campaign of its kind begins with this policy." in first
    a, b, _ = contestants
    rules = Rules("uniform", 3, 200, {a.pk: 2.5}, frozenset({frozenset({a.pk, b.pk})}), 0.5)
    changing.change(campaign, rules, "Two versions of <one> model.")
    page = client.get(PAGE).content.decode()
    for said in (
        "uniform-2", "active-1", "Two versions of &lt;one&gt; model.",
        "strategy: active: the most informative pairs more often → uniform",
        "boost: — → ×3 with fewer than 200 votes", f"factors: — → {a.name} ×2.5",
        f"never meet: — → {a.name} – {b.name}", "floor: 20% → 50%",
    ):  # fmt: skip
        assert said in " ".join(page.split())


def test_campaign_by_invitation_has_no_public_shares(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(visibility=Campaign.Visibility.INVITATION)
    assert client.get(PAGE).status_code == 404
    assert client.get(API).status_code == 404
