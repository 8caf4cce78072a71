"""States, cards and the public log: each change with its reason; what took part stays."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import ProtectedError

from arena.contestants import lifecycle
from arena.errors import Refused
from arena.models import Battle, Campaign, Contestant, RegistryEvent
from tests import factories

pytestmark = pytest.mark.django_db
State = Contestant.State


@pytest.fixture
def pair() -> list[Contestant]:
    made = [factories.contestant(name, state="DRAFT") for name in ("Heron", "Egret")]
    for one in made:
        factories.revision(one)
    return made


def log(one: Contestant) -> list[tuple[str, str]]:
    return [(event.change, event.reason) for event in one.events.all()]


def test_states_of_many_change_with_one_reason(pair: list[Contestant]) -> None:
    boss = User.objects.create_superuser("boss")
    assert lifecycle.change_state(pair, State.ACTIVE, " Ready\nnow. ", boss) == pair
    assert lifecycle.change_state(pair[:1], State.RETIRED, "Superseded.", boss) == pair[:1]
    assert lifecycle.change_state(pair, State.RETIRED, "The end.", boss) == pair[1:]
    assert log(pair[0]) == [("draft → active", "Ready now."), ("active → retired", "Superseded.")]
    assert log(pair[1])[-1] == ("active → retired", "The end.")
    assert LogEntry.objects.filter(user=boss).count() == 4
    assert not RegistryEvent.objects.filter(reason__contains="boss").exists()


def test_state_without_a_reason_is_refused(pair: list[Contestant]) -> None:
    with pytest.raises(Refused, match="Say why"):
        lifecycle.change_state(pair, State.ACTIVE, " \n")
    assert not Contestant.objects.filter(state="ACTIVE").exists()


def test_none_is_activated_when_one_cannot_be_unless_anyway(pair: list[Contestant]) -> None:
    bare = factories.contestant("Bittern", state="DRAFT")
    with pytest.raises(Refused, match=r"Bittern has no revision .* Add one first\."):
        lifecycle.change_state([*pair, bare], State.ACTIVE, "All of them.")
    assert not Contestant.objects.filter(state="ACTIVE").exists()
    assert (
        len(lifecycle.change_state([*pair, bare], State.ACTIVE, "All the same.", anyway=True)) == 3
    )


def test_what_changes_on_the_card_is_logged_with_old_and_new(pair: list[Contestant]) -> None:
    one, before = pair[0], lifecycle.card(pair[0])
    one.name, one.access, one.stands_in_for = "Grey heron", "PROPRIETARY", "GPT-4"
    assert lifecycle.note_card(one, before, "Taken over.") == ["name", "access", "stands in for"]
    assert log(one) == [
        ("name: Heron → Grey heron", "Taken over."),
        ("access: open weights → proprietary", "Taken over."),
        ("stands in for: — → GPT-4", "Taken over."),
    ]
    with pytest.raises(Refused, match="Say why"):
        lifecycle.note_card(one, before, "")


def test_what_took_part_cannot_be_deleted(pair: list[Contestant]) -> None:
    lifecycle.change_state(pair, State.ACTIVE, "Ready.")
    assert [lifecycle.parts_taken(one) for one in pair] == [[], []]
    battle = factories.battle(Campaign.live(), *pair)
    factories.turn(battle, "Hi", {one.revisions.get(): "Hello." for one in pair})
    factories.vote(battle, "A")
    assert lifecycle.parts_taken(pair[0]) == ["answers", "battles", "tallies"]
    with pytest.raises(ProtectedError):
        pair[0].delete()


def test_votes_count_in_every_state(pair: list[Contestant]) -> None:
    lifecycle.change_state(pair, State.ACTIVE, "Ready.")
    battle = factories.battle(Campaign.live(), *pair)
    factories.turn(battle, "Hi", {one.revisions.get(): "Hello." for one in pair})
    lifecycle.change_state(pair, State.RETIRED, "The end.")
    assert factories.vote(battle, "A").standing == "COUNTED"
    assert Battle.objects.get().contestant_a.state == State.RETIRED


def test_draft_is_deleted_with_its_revisions_and_log(pair: list[Contestant]) -> None:
    lifecycle.change_state(pair, State.HIDDEN, "Not yet.")
    pair[0].delete()
    assert [one.name for one in Contestant.objects.all()] == ["Egret"]
