"""A contestant that fails too often, or is too slow, is paused until staff activate it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from arena.contestants import lifecycle, pausing
from arena.limits import PAUSING
from arena.matchmaking import ability
from arena.matchmaking.ability import Why
from arena.models import Answer, Contestant, Failure, RegistryEvent, Revision

from ..matchmaking.test_resting import asked, fail, fail_often

pytestmark = pytest.mark.usefixtures("in_service")
MOST = int(PAUSING.answers * PAUSING.failed_share)  # that may fail


@pytest.fixture
def failing(contestants: list[Contestant]) -> Revision:
    return Revision.objects.get(contestant=contestants[0])


def answer(revision: Revision, first_token_s: float = 1.0, times: int = 1) -> None:
    for _ in range(times):
        one = asked(revision)
        Answer.objects.filter(pk=one.pk).update(state="DONE", first_token_s=first_token_s)


def test_who_fails_more_than_half_is_paused_with_the_figures(failing: Revision) -> None:
    answer(failing, times=9)
    fail_often(failing, MOST)
    assert pausing.pause_failing() == []
    fail_often(failing, 1)
    assert pausing.pause_failing() == [failing.contestant]
    event = RegistryEvent.objects.get(contestant=failing.contestant)
    assert (event.change, event.automatic) == ("active → paused", True)
    assert event.reason == "by the arena itself: 11 of its last 20 answers failed."
    [found] = ability.of_concern()
    assert found.contestant == failing.contestant
    assert found.reasons[0].why is Why.PAUSED_BY_ARENA
    assert event.reason in found.sentence


def test_who_is_slow_is_paused_with_the_figures(failing: Revision) -> None:
    answer(failing, PAUSING.first_words_s + 15, times=11)
    answer(failing, 1.0, times=9)
    assert pausing.pause_failing() == [failing.contestant]
    reason = RegistryEvent.objects.get(contestant=failing.contestant).reason
    assert "half of its last 20 answers took longer than 75 s to their first words" in reason


def test_few_slow_answers_pause_nobody(failing: Revision) -> None:
    answer(failing, PAUSING.first_words_s + 1, times=9)
    assert pausing.pause_failing() == []


def of_yesterday(revision: Revision) -> None:
    Failure.objects.update(at=timezone.now() - timedelta(seconds=PAUSING.remembered_s + 1))


def activated_again(revision: Revision) -> None:
    lifecycle.change_state([revision.contestant], "PAUSED", "to mend it")
    lifecycle.change_state([revision.contestant], "ACTIVE", "mended")


def revised(revision: Revision) -> None:
    Revision.objects.create(contestant=revision.contestant, number=2, weights=revision.weights)


def answers_since(revision: Revision) -> None:
    answer(revision, times=PAUSING.answers)


@pytest.mark.parametrize("since", [of_yesterday, activated_again, revised, answers_since])
def test_what_failed_before_counts_no_more(
    failing: Revision, since: Callable[[Revision], None]
) -> None:
    fail_often(failing, MOST + 5)
    since(failing)
    assert pausing.pause_failing() == []


def test_failure_that_a_second_attempt_mends_is_none(failing: Revision) -> None:
    one = fail(asked(failing), permanent=False)
    assert not Failure.objects.exists()
    fail(one, permanent=False)
    assert Failure.objects.get().revision == failing


def test_two_able_contestants_are_always_left(contestants: list[Contestant]) -> None:
    revisions = Revision.objects.filter(contestant__in=contestants).order_by("pk")
    for number, revision in enumerate(revisions):
        Failure.objects.bulk_create(
            Failure(revision=revision, reason="Network is unreachable.")
            for _ in range(MOST + 1 + number)
        )
    assert pausing.pause_failing() == [contestants[2]]  # the worst
    assert pausing.pause_failing() == []


def test_failures_are_kept_for_a_month(failing: Revision) -> None:
    fail_often(failing, 2)
    old = Failure.objects.earliest("pk")
    Failure.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    pausing.pause_failing()
    assert old not in Failure.objects.all()
    assert Failure.objects.count() == 1


def test_who_is_retired_meanwhile_is_not_paused(
    failing: Revision, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_often(failing, MOST + 1)
    answer(failing, times=PAUSING.answers - MOST - 1)
    one, look = failing.contestant, ability.of_active

    def retire_and_look() -> object:
        able = [*look()]
        lifecycle.change_state([one], "RETIRED", "superseded")
        return able

    monkeypatch.setattr(ability, "of_active", retire_and_look)
    assert pausing.pause_failing() == []
    one.refresh_from_db()
    assert one.state == "RETIRED"


def test_overlapping_runs_pause_once(failing: Revision) -> None:
    """Each would leave two able contestants, but both together might not."""
    fail_often(failing, MOST + 1)
    answer(failing, times=PAUSING.answers - MOST - 1)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [pausing.PAUSE])
        assert pausing.pause_failing() == []
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [pausing.PAUSE])
        assert pausing.pause_failing() == [failing.contestant]
    finally:
        other.close()
