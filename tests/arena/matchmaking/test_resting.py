"""A contestant that keeps failing is paused for a while; others are not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena import broker
from arena.battles import turns
from arena.battles.answering import life
from arena.generating.settling import settle
from arena.limits import RESTING
from arena.matchmaking import live_pairs, resting
from arena.models import Answer, Campaign, Contestant, Revision, Voter
from tests import factories

from ..conftest import result

pytestmark = pytest.mark.usefixtures("in_service")
WRONG_KEY = "The API answered 401: the key is wrong."


@pytest.fixture
def failing(contestants: list[Contestant]) -> Revision:
    return Revision.objects.get(contestant=contestants[0])


def asked(revision: Revision, prompt: str = "Hi", number: int = 1) -> Answer:
    """An unfinished answer of `revision`, in a battle of its own."""
    other = Contestant.objects.exclude(pk=revision.contestant_id).earliest("pk")
    battle = factories.battle(Campaign.live(), revision.contestant, other)
    turn = battle.turns.create(number=number, prompt=prompt)
    return turn.answers.create(
        side="A", revision=revision, state="QUEUED", attempt=1, dispatched=timezone.now()
    )


def fail(answer: Answer, *, permanent: bool = True) -> Answer:
    failed = result(answer, "", finish_reason="error", error=WRONG_KEY, permanent=permanent)
    settle(life, answer.pk, failed)
    answer.refresh_from_db()
    return answer


def fail_often(revision: Revision, times: int = RESTING.failures) -> None:
    for _ in range(times):
        fail(asked(revision))


def seconds_left(revision: Revision) -> float:
    [rest] = resting.among([revision])
    return (rest.until - timezone.now()).total_seconds()


def test_who_failed_in_three_battles_is_not_drawn(failing: Revision, voter: Voter) -> None:
    fail_often(failing, 2)
    assert failing in live_pairs.able()
    fail_often(failing, 1)
    assert failing not in live_pairs.able()
    assert turns.begin(voter, "Hi").selection_probability == 1  # of the one pair that is left
    [rest] = resting.among(live_pairs.in_service())
    assert (rest.revision, rest.reason) == (failing, WRONG_KEY)


def test_both_attempts_at_one_answer_are_one_failure(failing: Revision) -> None:
    fail_often(failing, 1)
    fail(fail(asked(failing), permanent=False), permanent=False)
    assert resting.among([failing]) == []


def test_answer_between_failures_begins_the_row_anew(failing: Revision) -> None:
    fail_often(failing, 2)
    answer = asked(failing)
    settle(life, answer.pk, result(answer))
    fail_often(failing, 2)
    assert failing in live_pairs.able()


def test_first_answer_ends_the_rest(failing: Revision) -> None:
    begun_before = asked(failing)
    fail_often(failing)
    settle(life, begun_before.pk, result(begun_before))
    assert failing in live_pairs.able()


@pytest.mark.parametrize(
    ("prompt", "number"), [("x" * (resting.MAX_PROMPT + 1), 1), ("And then?", 2)]
)
def test_prompt_that_may_be_too_long_is_not_the_models_fault(
    failing: Revision, prompt: str, number: int
) -> None:
    for _ in range(RESTING.failures):
        fail(asked(failing, prompt, number))
    assert failing in live_pairs.able()


def test_rest_doubles_up_to_an_hour(failing: Revision) -> None:
    fail_often(failing, RESTING.failures - 1)
    for minutes in (5, 10, 20, 40, 60, 60):
        fail_often(failing, 1)
        assert seconds_left(failing) == pytest.approx(minutes * 60, abs=5)
        time_passes(failing)


def time_passes(revision: Revision) -> None:
    """Until its rest is over: the clock of Redis cannot be moved forward, so expire the key."""
    key = f"resting:{revision.pk}"
    assert broker.connection().ttl(key) == pytest.approx(seconds_left(revision), abs=2)
    broker.connection().delete(key)


def test_failures_of_answers_begun_before_make_the_rest_no_longer(failing: Revision) -> None:
    begun_before = [asked(failing) for _ in range(3)]
    fail_often(failing)
    for answer in begun_before:
        fail(answer)
    time_passes(failing)
    fail_often(failing, 1)
    assert seconds_left(failing) == pytest.approx(600, abs=5)


def test_resting_are_drawn_when_fewer_than_two_are_awake(contestants: list[Contestant]) -> None:
    for revision in Revision.objects.filter(contestant__in=contestants[:2]):
        fail_often(revision)
    assert {revision.contestant for revision in live_pairs.able()} == set(contestants)
    assert live_pairs.draw_pair(Campaign.live()).probability == pytest.approx(1 / 3)


def test_replacement_is_not_resting_unless_all_are(contestants: list[Contestant]) -> None:
    second, third = Revision.objects.filter(contestant__in=contestants[1:]).order_by("pk")
    fail_often(second)
    present = (contestants[0], contestants[0])
    assert {live_pairs.draw_replacement(present) for _ in range(30)} == {third}
    fail_often(third)
    assert {live_pairs.draw_replacement(present) for _ in range(40)} == {second, third}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_staff_read_who_rests_why_and_until_when(failing: Revision, staff: Client) -> None:
    assert "paused until" not in staff.get("/status/").content.decode()
    fail_often(failing)
    [rest] = resting.among([failing])
    page = staff.get("/status/").content.decode()
    assert f"{failing.contestant}</a></th>" in page
    assert f"is paused until {rest.until:%H:%M} UTC: {WRONG_KEY}" in page


@pytest.mark.usefixtures("all_running")
def test_volunteers_read_how_many_can_answer_and_no_name(
    failing: Revision, contestants: list[Contestant], client: Client
) -> None:
    fail_often(failing)
    page = client.get("/status/").content.decode()
    assert "Of 3 active models, 2 can answer at the moment." in page
    assert not [one for one in contestants if one.name in page or one.organisation in page]
    assert WRONG_KEY not in page


def test_rest_ends_when_staff_set_the_state(failing: Revision, staff: Client) -> None:
    fail_often(failing)
    for state in (Contestant.State.PAUSED, Contestant.State.ACTIVE):
        page = f"/admin/arena/contestant/{failing.contestant_id}/state/"
        assert staff.post(page, {"state": state, "reason": "mended"}).status_code == 302
    assert failing in live_pairs.able()
