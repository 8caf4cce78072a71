"""The cost of reading a board's input does not depend on the number of votes ever cast."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from arena.counting import standing, tallies
from arena.models import Battle, Campaign, Contestant, Vote, Voter
from ratings.refreshing import reading

pytestmark = pytest.mark.django_db

MANY = """
    WITH made AS (
        INSERT INTO arena_battle (public_id, campaign_id, voter_id, contestant_a_id,
            contestant_b_id, selection_probability, policy, state, void_reason, created)
        SELECT left(md5(%(campaign)s || '-' || n), 16), %(campaign)s, %(voter)s, %(a)s, %(b)s, 0.1,
            'p', 'VOTED', '', now()
        FROM generate_series(1, %(votes)s) n RETURNING id
    )
    INSERT INTO arena_vote (battle_id, voter_id, verdict, standing, standing_reason, seconds,
        created)
    SELECT id, %(voter)s, 'A', 'COUNTED', '', 1, now() FROM made
"""
SAID = """
    INSERT INTO arena_criterionverdict (vote_id, criterion, verdict)
    SELECT id, 'clear', verdict FROM arena_vote
"""


@pytest.fixture
def elsewhere(contestants: list[Contestant]) -> Campaign:
    """Many votes of another campaign, older than any of ours."""
    other = Campaign.objects.create(slug="other", name="Other", kind=Campaign.Kind.PREPARED)
    a, b, _ = contestants
    values = {"campaign": other.pk, "a": a.pk, "b": b.pk, "voter": Voter.objects.create().pk}
    with connection.cursor() as cursor:
        cursor.execute(MANY, values | {"votes": 20_000})
        cursor.execute("ANALYZE arena_battle, arena_vote")
    return other


def rows_touched(query: str, values: dict[str, Any] | list[Any]) -> float:
    """Actual rows over all nodes of the plan that PostgreSQL chose."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values)
        [[plan]] = cursor.fetchall()
    return touched(plan[0]["Plan"])


def touched(step: dict[str, Any]) -> float:
    own = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
    return float(own) + sum(touched(below) for below in step.get("Plans", []))


def test_newest_vote_and_exclusions_are_those_of_the_campaign(
    elsewhere: Campaign, campaign: Campaign, cast: list[Vote]
) -> None:
    assert reading.last_vote_id(campaign) == cast[-1].pk
    assert reading.last_vote_id(elsewhere) == cast[0].pk - 1
    standing.exclude(Vote.objects.filter(pk__in=[cast[0].pk, cast[1].pk]), "spam")
    Vote.objects.filter(pk=cast[2].pk).update(standing="PENDING")
    Vote.objects.filter(pk=cast[3].pk).update(standing="EXCLUDED", standing_reason="")
    assert reading.excluded(campaign) == [
        (reading.NO_REASON, 1), (reading.PENDING, 1), ("spam", 2)
    ]  # fmt: skip
    assert reading.excluded(elsewhere) == []


def test_campaign_without_battles_has_no_newest_vote(elsewhere: Campaign) -> None:
    imported = Campaign.objects.create(slug="i", name="I", kind=Campaign.Kind.IMPORTED)
    assert reading.last_vote_id(imported) == 0
    assert rows_touched(reading.LAST_VOTE, {"campaign": imported.pk}) < 10


@pytest.mark.parametrize("query", [reading.LAST_VOTE, reading.EXCLUDED], ids=["last", "excluded"])
def test_votes_of_other_campaigns_are_not_read(
    query: str, elsewhere: Campaign, campaign: Campaign, cast: list[Vote]
) -> None:
    Vote.objects.filter(pk=cast[0].pk).update(standing="EXCLUDED", standing_reason="spam")
    names = {"pending": reading.PENDING, "no_reason": reading.NO_REASON}
    for one in (campaign, elsewhere):
        assert Battle.objects.filter(campaign=one).exists()
        assert rows_touched(query, {"campaign": one.pk, **names}) < 100


def test_counting_reads_no_votes_of_other_campaigns(
    elsewhere: Campaign, campaign: Campaign, cast: list[Vote]
) -> None:
    """Also what was said of criteria is joined to the campaign's votes alone."""
    with connection.cursor() as cursor:
        cursor.execute(SAID)
        cursor.execute("ANALYZE arena_criterionverdict")
    values = {"campaign": campaign.pk, "only": None, "standings": ["COUNTED"]}
    assert rows_touched(tallies.SLICED.replace("{votes}", tallies.CAST), values) < 1000
    since = [campaign.pk, cast[0].created, "overall"]
    assert rows_touched(tallies.VOTERS, since) < 1000
