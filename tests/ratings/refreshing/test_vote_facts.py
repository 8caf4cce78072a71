"""When votes were cast, whether voters agree, and which side they prefer: computed once per
publication, never in a request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arena.models import (
    Campaign,
    Contestant,
    Import,
    ImportedVote,
    Judgement,
    Pairing,
    PreparedAnswer,
    Prompt,
    Vote,
)
from ratings.facts import Agreement, Pace, Period
from ratings.findings.periods import UNITS
from ratings.findings.vote_figures import busiest
from ratings.models import Snapshot
from ratings.refreshing import drafts, vote_facts
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

STATISTICS = "/leaderboard/arena/statistics/"


def bring(
    campaign: Campaign, contestants: list[Contestant], rows: Iterable[tuple[str, str, str, str]]
) -> None:
    """Item, voter, sides such as `AB` and verdict of each vote, a day apart from 1 May 2024."""
    source = Import.objects.create(campaign=campaign, format="csv", name="x", sha256="0")
    named = dict(zip("ABC", contestants, strict=True))
    ImportedVote.objects.bulk_create(
        ImportedVote(
            source=source, contestant_a=named[sides[0]], contestant_b=named[sides[1]],
            verdict=verdict, item=item, voter=voter,
            at=datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=day),
        )
        for day, (item, voter, sides, verdict) in enumerate(rows)
    )  # fmt: skip


def test_votes_are_counted_by_day_where_they_were_cast_and_imported(
    campaign: Campaign, contestants: list[Contestant], cast: list[Vote]
) -> None:
    Vote.objects.update(created=datetime(2024, 5, 3, 23, 59, tzinfo=UTC))
    Vote.objects.filter(pk=cast[0].pk).update(standing="EXCLUDED")
    bring(campaign, contestants, [("", "", "AB", "A"), ("", "", "AB", "B")])
    ImportedVote.objects.filter(verdict="B").update(at=None)
    found = vote_facts.of(campaign)
    periods = ("2024-05-01", 0, 1), ("2024-05-02", 0, 0), ("2024-05-03", 7, 0)
    assert found.pace == Pace("day", tuple(Period(*period) for period in periods), undated=1)
    assert found.verdicts == {"A": 4, "B": 3, "TIE": 1, "BOTH_BAD": 1}


@pytest.mark.parametrize(
    ("days", "unit", "starts"),
    [
        (59, "day", 60),
        (60, "week", 9),
        (400, "week", 58),
        (420, "month", 14),
    ],
)
def test_periods_grow_with_the_time_they_cover(days: int, unit: str, starts: int) -> None:
    first = date(2024, 5, 1)  # a Wednesday
    votes = vote_facts.Days({first: 2, first + timedelta(days=days): 3})
    found = vote_facts.pace(votes, vote_facts.Days())
    assert (found.unit, len(found.periods)) == (unit, starts)
    assert [found.periods[at].cast for at in (0, -1)] == [2, 3]
    assert found.periods[0].start == ("2024-04-29" if unit == "week" else "2024-05-01")


def test_agreement_sees_the_same_verdict_on_swapped_sides(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    bring(
        campaign,
        contestants,
        [
            (f"item {i}", voter, sides, verdict)
            for i in range(40)
            for voter, sides, verdict in (
                ("one", "AB", "A" if i % 2 else "B"),
                ("two", "BA", "B" if i % 2 else "A"),
            )
        ],
    )
    found = vote_facts.agreement(campaign)
    assert (found.items, found.judgements) == (40, 80)
    assert found.nominal == found.ordinal == (1.0, 1.0, 1.0)


def test_nobody_agrees_with_themselves(campaign: Campaign, contestants: list[Contestant]) -> None:
    bring(campaign, contestants, [(f"{i}", "one", "AB", "A") for i in range(40) for _ in range(2)])
    assert vote_facts.agreement(campaign) == Agreement()


def test_same_prompt_with_other_answers_is_another_item(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    bring(campaign, contestants, [("x", "one", "AB", "A"), ("x", "two", "AC", "A")])
    assert vote_facts.agreement(campaign) == Agreement()


def judge(campaign: Campaign, contestants: list[Contestant], verdicts: str) -> None:
    """A voter for each verdict on one pairing."""
    prompt = Prompt.objects.create(campaign=campaign, key="p", text="?")
    answers = [
        PreparedAnswer.objects.create(prompt=prompt, revision=factories.revision(one))
        for one in contestants[:2]
    ]
    pairing = Pairing.objects.create(
        prompt=prompt, first=answers[0], second=answers[1], selection_probability=1, wanted=3
    )
    for verdict in verdicts:
        battle = factories.battle(campaign, *contestants[:2])
        Judgement.objects.create(pairing=pairing, battle=battle)
        Vote.objects.create(battle=battle, voter=battle.voter, verdict=verdict, seconds=1)


def test_few_judged_twice_are_counted_and_not_measured(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    judge(campaign, contestants, "ABA")
    assert vote_facts.agreement(campaign) == Agreement(items=1, judgements=3)


@pytest.mark.usefixtures("votes")
def test_statistics_page_reads_what_was_counted_at_publication(
    campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    judge(campaign, contestants, "AAB")
    Vote.objects.update(created=datetime(2024, 5, 3, tzinfo=UTC))
    drafts.refresh_all()
    published = Snapshot.objects.exclude(published=None).get(board__slug="overall")
    assert published.facts.votes is not None
    assert published.facts.votes.verdicts == {"A": 2, "B": 1}
    with CaptureQueriesContext(connection) as asked:
        page = client.get(STATISTICS).content.decode()
    assert "All votes were cast in one day: 3." in page
    assert "Only one pair of answers was judged by two voters." in page
    assert "The left side got 66.7% of decided votes: chance explains that." in page
    assert not [q for q in asked if "arena_vote" in q["sql"] or "arena_importedvote" in q["sql"]]
    data = client.get(f"{STATISTICS}over-time.csv").content.decode()
    assert data.splitlines() == ["Day beginning,Cast here,Imported", "2024-05-03,3,0"]


@pytest.mark.usefixtures("votes")
def test_votes_that_came_summed_up_say_so(client: Client) -> None:
    drafts.refresh_all()
    page = client.get(STATISTICS).content.decode()
    assert "When these votes were cast is not known." in page
    assert "No pair of answers was judged by two voters." in page
    assert "The sides of these votes are not known." in page


def test_busiest_period_is_named() -> None:
    periods = [Period("2024-04-29", 10, 0), Period("2024-05-06", 20, 10)]
    assert busiest(UNITS["week"], periods) == (
        "40 votes in 2 weeks; the busiest, the week of 6 May 2024, has 75% of them."
    )
