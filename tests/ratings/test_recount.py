from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from arena import voting
from arena.models import Battle, Campaign, Contestant, Tally, Vote, Voter
from ratings import snapshots
from ratings.recount import differences

from .conftest import board_of

pytestmark = pytest.mark.django_db(transaction=True)
VERDICTS = ("A", "B", "A", "TIE", "BOTH_BAD", "A", "B", "A")


@pytest.fixture
def cast(campaign: Campaign, contestants: list[Contestant]) -> list[Vote]:
    """Votes, as voting counts them, on sides that change."""
    voter = Voter.objects.create()
    made = []
    for i, verdict in enumerate(VERDICTS):
        a, b = contestants[i % 3], contestants[(i + 1 + i % 2) % 3]
        battle = Battle.objects.create(
            campaign=campaign, voter=voter, contestant_a=a, contestant_b=b,
            selection_probability=0.3, policy="test",
        )  # fmt: skip
        vote = Vote.objects.create(battle=battle, voter=voter, verdict=verdict, seconds=1.0)
        voting.count(vote)
        made.append(vote)
    return made


@pytest.mark.usefixtures("cast")
def test_tallies_equal_a_recount(campaign: Campaign) -> None:
    assert differences(campaign) == []
    call_command("check_tallies", stdout=StringIO())


@pytest.mark.usefixtures("cast")
def test_lost_vote_is_found(campaign: Campaign) -> None:
    tally = Tally.objects.filter(first_wins__gt=0).first()
    assert tally is not None
    Tally.objects.filter(pk=tally.pk).update(first_wins=tally.first_wins - 1)
    [found] = differences(campaign) or []
    assert (found.column, found.recounted - found.tallied) == ("first_wins", 1)
    with pytest.raises(CommandError, match="1 counts differ"):
        call_command("check_tallies", stdout=StringIO())


def test_summed_up_votes_cannot_be_recounted(august: Campaign) -> None:
    assert differences(august) is None


@pytest.mark.usefixtures("cast")
def test_elo_replays_counted_votes_only(campaign: Campaign, cast: list[Vote]) -> None:
    board = board_of(snapshots.refresh_all(), "overall-elo")
    scores = {r.contestant.name: r.score or 0 for r in board.ratings.all()}
    assert sum(scores.values()) == pytest.approx(3000)
    assert board.votes == len(VERDICTS)
    assert board.published is None
    assert all(rating.lower is None for rating in board.ratings.all())
