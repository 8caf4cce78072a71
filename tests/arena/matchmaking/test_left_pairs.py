"""Fishing for a pair by leaving battles, and votes on one pair over and over."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from arena import broker
from arena.battles import skipping, turns
from arena.errors import Refused
from arena.limiting import clients, gates
from arena.limiting.clients import Client, voter_key
from arena.matchmaking.odds import Odds
from arena.models import Battle, Voter

from ..conftest import answer_all

pytestmark = pytest.mark.usefixtures("in_service")


def pair(battle: Battle) -> frozenset[int]:
    return frozenset((battle.contestant_a_id, battle.contestant_b_id))


def someone(network: str = "net") -> Voter:
    voter = Voter.objects.create()
    clients.remember(Client(voter_key(voter.pk), network))
    return voter


def vote_on(battle: Battle) -> None:
    answer_all(battle)
    Battle.objects.filter(pk=battle.pk).update(state=Battle.State.VOTED)
    gates.voted(clients.client_named(battle.voter), battle)


@pytest.fixture
def pairs_limited(settings: Settings) -> None:
    settings.LIMITS = settings.LIMITS | {"pairs": {"voter": "2/day", "prefix": "4/day", "all": ""}}
    for key in broker.connection().scan_iter("limits*"):
        broker.connection().delete(key)


def test_fishing_for_a_pair_by_skipping_does_not_bring_it_back() -> None:
    voter, seen = someone(), set[frozenset[int]]()
    for left in (3, 2, 1):
        battle = turns.begin(voter, "Hi")
        assert pair(battle) not in seen
        assert battle.selection_probability == pytest.approx(1 / left)
        seen.add(pair(battle))
        skipping.skip(battle)
    assert turns.begin(voter, "Hi").selection_probability == pytest.approx(1 / 3)  # all are left


@pytest.mark.parametrize("state", [Battle.State.OPEN, Battle.State.VOID])
def test_abandoned_pairs_come_back_after_a_day(state: Battle.State) -> None:
    voter = someone()
    first = turns.begin(voter, "Hi")
    Battle.objects.filter(pk=first.pk).update(state=state)
    assert turns.begin(someone(), "Hi").selection_probability == pytest.approx(1 / 3)
    second = turns.begin(voter, "Hi")
    assert second.selection_probability == pytest.approx(1 / 2)
    assert pair(second) != pair(first)
    Battle.objects.update(created=timezone.now() - timedelta(hours=25))
    assert turns.begin(voter, "Hi").selection_probability == pytest.approx(1 / 3)


def test_voted_pairs_stay_as_likely_until_the_limit(pairs_limited: None) -> None:
    voter = someone()
    on_pair: dict[frozenset[int], int] = {}
    for _ in range(6):
        battle = turns.begin(voter, "Hi")
        vote_on(battle)
        on_pair[pair(battle)] = on_pair.get(pair(battle), 0) + 1
    assert on_pair == dict.fromkeys(on_pair, 2)
    assert len(on_pair) == 3
    with pytest.raises(Refused, match=r"as often as is useful for now\. You can go on in 24 hours"):
        turns.begin(voter, "Hi")
    turns.begin(someone(), "Hi")


def test_ring_of_voters_cannot_vote_on_one_pair_for_ever(pairs_limited: None) -> None:
    first = turns.begin(someone("ring"), "Hi")
    for _ in range(4):
        gates.voted(clients.client_named(someone("ring")), first)
    drawn = {pair(turns.begin(someone("ring"), "Hi")) for _ in range(20)}
    assert pair(first) not in drawn
    assert len(drawn) == 2


def test_odds_without_some_pairs_are_those_of_the_rest() -> None:
    odds = Odds.of(4, np.arange(1.0, 7.0))  # (0,1) (0,2) (0,3) (1,2) (1,3) (2,3)
    rest = odds.without([[0, 2], [2, 3]])
    assert rest.weights.tolist() == [1.0, 0.0, 3.0, 4.0, 5.0, 0.0]
    assert {rest.draw(n / 130)[:2] for n in range(130)} == {(0, 1), (0, 3), (1, 2), (1, 3)}
    assert rest.draw(0.0)[:2] == (0, 1)
    assert rest.draw(0.0)[2] == pytest.approx(1 / 13)
    assert rest.draw(1.0)[:2] != (2, 3)
    assert odds.without([]) is odds
    assert odds.without([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]).is_empty
