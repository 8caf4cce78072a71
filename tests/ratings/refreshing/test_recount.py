from __future__ import annotations

from io import StringIO
from itertools import cycle
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum

from arena.counting import tallies
from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.labelling import by_rules
from arena.labels import labels_of
from arena.models import Campaign, Contestant, Tally, Vote
from ratings.refreshing import drafts
from ratings.refreshing.recount import differences

from ..conftest import VERDICTS, board_of

pytestmark = pytest.mark.django_db(transaction=True)
PROMPTS = ("Write a Python function.", "Berechne die Summe von 3 + 4.", "hi")


@pytest.mark.usefixtures("cast")
def test_tallies_equal_a_recount(campaign: Campaign) -> None:
    assert differences(campaign) == []
    call_command("check_tallies", stdout=StringIO())


def test_tally_from_before_there_were_slices_is_one_of_all_votes(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    """As with the default value of its column."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO arena_tally (campaign_id, first_id, second_id, first_wins, second_wins,
                                        ties, both_bad) VALUES (%s, %s, %s, 1, 2, 3, 4)""",
            [campaign.pk, contestants[0].pk, contestants[1].pk],
        )
    assert Tally.objects.get().slice == "overall"


@pytest.mark.usefixtures("cast")
def test_lost_vote_is_found(campaign: Campaign) -> None:
    tally = Tally.objects.filter(slice="overall", first_wins__gt=0).first()
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
    board = board_of(drafts.refresh_all(), "overall-elo")
    scores = {r.contestant.name: r.score or 0 for r in board.ratings.all()}
    assert sum(scores.values()) == pytest.approx(3000)
    assert board.votes == len(VERDICTS)
    assert all((line.upper or 0) > scores[line.contestant.name] for line in board.ratings.all())


def test_slice_that_lost_a_vote_is_found(campaign: Campaign, cast: list[Vote]) -> None:
    month = f"month-{cast[0].created:%Y-%m}"
    Tally.objects.filter(slice=month, ties__gt=0).update(ties=0)
    [found] = differences(campaign) or []
    assert (found.slice, found.column, found.tallied, found.recounted) == (month, "ties", 0, 1)


def test_slices_made_anew_equal_those_counted_vote_by_vote(
    campaign: Campaign, cast: list[Vote]
) -> None:
    for vote, prompt in zip(cast, cycle(PROMPTS), strict=False):
        by_rules.keep(vote.battle, labels_of([prompt]))
    found = {each.slice for each in differences(campaign) or []}
    assert found == {"coding", "maths", "language-en", "language-de", "length-short"}
    tallies.recount_slices(campaign.pk)
    assert differences(campaign) == []


@pytest.mark.parametrize("parts", ["length-", "month-"])
def test_slices_that_share_out_all_votes_add_up_to_overall(
    campaign: Campaign, cast: list[Vote], parts: str
) -> None:
    for vote, prompt in zip(cast, cycle(PROMPTS), strict=False):
        by_rules.keep(vote.battle, labels_of([prompt]))
    tallies.recount_slices(campaign.pk)
    kept = Tally.objects.filter(campaign=campaign).values_list("first", "second")
    sums = kept.annotate(*map(Sum, Tally.COUNTS)).order_by("first", "second")
    assert list(sums.filter(slice__startswith=parts)) == list(sums.filter(slice="overall"))


def test_imported_votes_are_sliced_by_language_and_month(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(
        "id,model_a,model_b,winner,language,timestamp\n"
        "1,x,y,model_a,de,2024-02-29T23:59:00Z\n"
        "2,y,x,model_b,German,2024-03-01T00:01:00Z\n"
        "3,x,y,tie,unknown,\n"
    )
    bring_in(FORMATS["csv"], file, "brought")
    campaign = Campaign.objects.get(slug="brought")
    found = {each.slice: (each.first_wins, each.ties) for each in campaign.tallies.all()}
    assert found == {
        "overall": (2, 1), "language-de": (2, 0), "month-2024-02": (1, 0), "month-2024-03": (1, 0),
    }  # fmt: skip
    assert differences(campaign) == []
