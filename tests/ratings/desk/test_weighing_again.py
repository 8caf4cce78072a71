"""Voters without new votes, weighed again because what they are weighed against has changed."""

from __future__ import annotations

import pytest

from arena.counting import bulk, standing
from arena.counting.reasons import CLEARED, SUSPECTED
from arena.desk import holding
from arena.models import BulkChange, Campaign, DeskPolicy, StandingChange, Suspect, Vote

from .conftest import Somebody
from .test_watching import COUNTED, PENDING, counted, recounted, standings, watch

pytestmark = pytest.mark.django_db
EXCLUDED = Vote.Standing.EXCLUDED
AGAINST = 3  # seed of an honest voter who happens to vote against the riggers' model only


@pytest.fixture
def against(crowd: list[Vote]) -> list[Vote]:
    """That voter's votes."""
    return crowd[6 * AGAINST : 6 * AGAINST + 6]


@pytest.fixture
def ring(crowd: list[Vote], rigger: Somebody) -> list[list[Vote]]:
    """Five who come one after the other. The first of them is not suspicious enough by itself."""
    DeskPolicy.objects.create(threshold=3.0, reason="a test")
    found = [rigger(5)]
    watch()
    assert standings(found[0]) == {COUNTED}
    for _ in range(4):
        found.append(rigger(5))
        watch()
    return found


def of(votes: list[Vote]) -> Suspect:
    return Suspect.objects.get(voter=votes[0].voter_id)


def log(votes: list[Vote]) -> list[tuple[str, str]]:
    changes = StandingChange.objects.filter(vote=votes[0]).order_by("pk")
    return [*changes.values_list("after", "bulk__reason")]


def test_who_was_held_because_riggers_had_moved_the_board_counts_again(
    campaign: Campaign, against: list[Vote], crowd: list[Vote], rigger: Somebody
) -> None:
    DeskPolicy.objects.create(threshold=1.2, reason="a test")
    fair = counted(campaign)
    rigged = [*rigger(), *rigger()]
    watch()
    assert log(against) == [(PENDING, SUSPECTED), (COUNTED, CLEARED)]
    assert standings(crowd) == {COUNTED}
    assert standings(rigged) == {PENDING}
    assert counted(campaign) == fair == recounted(campaign)
    assert of(against).held is None
    cleared = BulkChange.objects.get(after=COUNTED)
    assert (cleared.who, cleared.changed) == ("the desk", 6)
    assert cleared.preview["score"] < 0.2


def test_first_members_of_a_ring_who_stopped_are_held_when_it_is_recognised(
    campaign: Campaign, ring: list[list[Vote]]
) -> None:
    assert [log(votes) for votes in ring] == [[(PENDING, SUSPECTED)]] * 5
    assert of(ring[0]).votes == 5
    assert counted(campaign) == recounted(campaign)


def test_nobody_is_weighed_again_while_nothing_changes(crowd: list[Vote], rigger: Somebody) -> None:
    rigger()
    watch()
    watch()
    before = dict(Suspect.objects.values_list("pk", "looked"))
    near = {*Suspect.objects.filter(score__gte=0.0).values_list("pk", flat=True)}
    watch()
    assert dict(Suspect.objects.values_list("pk", "looked")) == before
    rigger()
    watch()
    later = dict(Suspect.objects.values_list("pk", "looked"))
    assert {key for key in before if later[key] != before[key]} == near
    assert 0 < len(near) < len(before)


def test_honest_votes_that_follow_do_not_buy_freedom(
    crowd: list[Vote], rigger: Somebody, honest: Somebody
) -> None:
    rigged = rigger()
    watch()
    through = of(rigged).through
    later = honest(40, seed=8, voter=rigged[0].voter)
    watch()
    rigger()
    watch()
    assert standings([*rigged, *later]) == {PENDING}
    assert (of(rigged).through, of(rigged).votes) == (through, len(rigged))


def test_what_a_moderator_counted_again_or_left_out_stays(
    campaign: Campaign, ring: list[list[Vote]], rigger: Somebody
) -> None:
    cleared, convicted, half = ring[:3]
    bulk.ask(BulkChange.objects.get(votes__contains=[cleared[0].pk]), None)
    standing.exclude(Vote.objects.filter(voter=convicted[0].voter), "rigging")
    standing.count_again(Vote.objects.filter(pk=half[0].pk))
    rigger()
    watch()
    more = rigger(1, voter=half[0].voter)
    watch()
    assert standings(cleared) == {COUNTED}
    assert standings(convicted) == {EXCLUDED}
    assert standings(half[:1]) == {COUNTED}
    assert standings([*half[1:], *more]) == {PENDING}


def test_held_votes_of_which_a_moderator_judged_some_are_left_to_moderators(
    crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    watch()
    standing.exclude(Vote.objects.filter(pk=rigged[0].pk), "rigging")
    DeskPolicy.objects.create(threshold=12.0, reason="too many alarms")
    watch()
    assert standings(rigged[1:]) == {PENDING}


def test_votes_that_a_higher_threshold_does_not_hold_count_again(
    crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    watch()
    DeskPolicy.objects.create(threshold=12.0, reason="too many alarms")
    watch()
    assert standings(rigged) == {COUNTED}
    DeskPolicy.objects.create(threshold=1.5, reason="it was better before")
    watch()
    assert standings(rigged) == {PENDING}


def test_who_is_held_again_by_a_moderator_waits_for_a_decision_and_stays_held(
    crowd: list[Vote], rigger: Somebody
) -> None:
    rigged = rigger()
    watch()
    DeskPolicy.objects.create(threshold=12.0, reason="too many alarms")
    watch()
    assert [*holding.undecided()] == []
    bulk.ask(BulkChange.objects.get(reason=CLEARED), None)
    assert standings(rigged) == {PENDING}
    watch()
    assert [*holding.undecided()] == [of(rigged)]
    later = rigger(1, voter=rigged[0].voter)
    watch()
    watch()
    assert standings([*rigged, *later]) == {PENDING}
    bulk.ask(bulk.draft(Vote.objects.filter(voter=rigged[0].voter), COUNTED, None), "a fan")
    watch()
    assert standings(rigged) == {COUNTED}
    assert [*holding.undecided()] == []
