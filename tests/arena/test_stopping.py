from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from arena import battles, broker, dispatch, voting, watchdog, watching
from arena.models import Answer, Battle, Voter
from inference.streams import Kind, StreamWriter

from .conftest import result

pytestmark = pytest.mark.usefixtures("in_service")


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "GRACE_S", 0.0)


@pytest.fixture
def battle(in_service: None, voter: Voter) -> Battle:
    return battles.begin(voter, "Hi")


def answers(battle: Battle) -> list[Answer]:
    return list(Answer.objects.filter(turn__battle=battle).order_by("side"))


def test_stopped_answers_are_kept_as_they_stand(
    battle: Battle, voter: Voter, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    writers = []
    for answer in answers(battle):
        dispatch.send(answer)
        writers.append(StreamWriter(broker.connection(), str(answer.stream), 1))
    with django_capture_on_commit_callbacks(execute=True):
        battles.stop(battle)
    assert [writer.write(Kind.TEXT, "more") for writer in writers] == [False, False]
    for answer in answers(battle):
        battles.record(answer.pk, result(answer, "Half an ans", finish_reason="cancelled"))
    assert {answer.text for answer in answers(battle)} == {"Half an ans"}
    assert voting.cast(battle, voter, "A").verdict == "A"


def test_stopped_before_a_word_is_void_with_a_reason(battle: Battle, client: Client) -> None:
    battles.stop(battle)
    answer = answers(battle)[0]
    battles.record(answer.pk, result(answer, "", finish_reason="cancelled"))
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert "stopped before both models had answered" in battles.farewell(battle)


def test_stopped_answer_is_not_tried_again(battle: Battle) -> None:
    battles.stop(battle)
    answer = answers(battle)[0]
    battles.recover(answer.pk, 1, "its worker fell silent")
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID


def test_stop_after_the_end_changes_nothing(battle: Battle) -> None:
    for answer in answers(battle):
        battles.record(answer.pk, result(answer))
    battles.stop(battle)
    assert battle.turns.get().stopped is False


def test_battle_nobody_looks_at_is_stopped(battle: Battle) -> None:
    long_ago = timezone.now() - timedelta(seconds=watching.ABSENT_S + 1)
    watching.note(battle)
    Answer.objects.update(dispatched=long_ago)
    watchdog.watch()
    assert battle.turns.get().stopped is False
    broker.connection().delete(f"watched:{battle.public_id}")
    Answer.objects.update(dispatched=long_ago)
    watchdog.watch()
    assert battle.turns.get().stopped is True


def test_stop_of_somebody_elses_battle_is_refused(battle: Battle, client: Client) -> None:
    assert client.post(f"/battles/{battle.public_id}/stop/").status_code == 403
    assert battle.turns.get().stopped is False
