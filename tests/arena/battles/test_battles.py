from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from arena import broker
from arena.battles import turns
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating import dispatch, settling, watchdog
from arena.generating.life import Fault
from arena.generating.settling import LOST_STREAM, LOST_TASK, UNSERVED, settle
from arena.limits import WATCHDOG
from arena.matchmaking import live_pairs, resting
from arena.models import Answer, Battle, Contestant, Revision, Side, Voter
from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import GenerateRequest
from inference.contract.streams import Kind, StreamWriter
from tests.absent import forget_all
from tests.bending import bend

from ..conftest import answer_all, result
from ..streams import lose_tasks, queued_ago

pytestmark = pytest.mark.usefixtures("in_service")


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)


@pytest.fixture
def battle(in_service: None, voter: Voter) -> Battle:
    return turns.begin(voter, "What is the answer?")


def answers(battle: Battle) -> tuple[Answer, Answer]:
    a, b = battle.turns.latest("number").answers.order_by("side")
    return a, b


def fail(answer: Answer, **changes: object) -> Answer:
    """Let one attempt end in an error."""
    settle(life, answer.pk, result(answer, "", finish_reason="error", error="it broke", **changes))
    answer.refresh_from_db()
    return answer


def test_pair_is_drawn_with_its_recorded_probability() -> None:
    drawn = []
    for _ in range(60):
        drawn.append(turns.begin(Voter.objects.create(), "Hi"))
        answer_all(drawn[-1])
    assert {b.selection_probability for b in drawn} == {1 / 3}
    sides = Counter(b.contestant_a_id < b.contestant_b_id for b in drawn)
    assert min(sides.values()) > 10  # 60 coin tosses: fewer once in ten million


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("", "empty_prompt"), (" \n ", "empty_prompt"), ("x" * 30_001, "long_prompt")],
)
def test_prompt_that_cannot_be_used_is_refused(voter: Voter, prompt: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        turns.begin(voter, prompt)
    assert refusal.value.code == code
    assert not Battle.objects.exists()


def test_paused_contestants_are_not_drawn(voter: Voter, contestants: list[Contestant]) -> None:
    Contestant.objects.filter(pk=contestants[0].pk).update(state=Contestant.State.PAUSED)
    drawn = {r.contestant for r in live_pairs.in_service()}
    assert drawn == set(contestants[1:])
    Contestant.objects.update(state=Contestant.State.PAUSED)
    with pytest.raises(Refused) as refusal:
        turns.begin(voter, "Hi")
    assert refusal.value.code == "not_in_service"


def test_contestant_answers_with_its_newest_revision(contestants: list[Contestant]) -> None:
    first = Revision.objects.get(contestant=contestants[0])
    Revision.objects.create(contestant=contestants[0], number=2, weights=first.weights)
    assert [r.number for r in live_pairs.in_service() if r.contestant == contestants[0]] == [2]


def test_conversation_is_what_one_side_has_heard_and_said(battle: Battle) -> None:
    a, b = answers(battle)
    settle(life, a.pk, result(a, "I am A."))
    settle(life, b.pk, result(b, "I am B."))
    turn = turns.continue_(battle, "Are you sure?")
    assert dispatch.conversation(turn, Side.A, "Be brief.") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the answer?"},
        {"role": "assistant", "content": "I am A."},
        {"role": "user", "content": "Are you sure?"},
    ]


def test_follow_up_waits_for_both_answers(battle: Battle) -> None:
    with pytest.raises(Refused) as refusal:
        turns.continue_(battle, "And?")
    assert refusal.value.code == "unfinished"
    answer_all(battle)
    assert turns.continue_(battle, "And?").number == 2


def test_answer_is_written_once(battle: Battle) -> None:
    answer, _ = answers(battle)
    settle(life, answer.pk, result(answer, "first"))
    settle(life, answer.pk, result(answer, "second"))
    answer.refresh_from_db()
    assert (answer.text, answer.state) == ("first", Answer.State.DONE)


WITHOUT = "openai API without frequency_penalty, presence_penalty, temperature, top_p"
# Values a worker may report for an answer, and what is stored.
ODD: dict[str, list[tuple[object, object]]] = {
    "engine": [(WITHOUT, WITHOUT), ("x" * 300, "x" * 199 + "…"), ("a\0b\ud800", "a\ufffdb\ufffd"),
               (None, "")],
    "weights_sha256": [("f" * 65, "f" * 63 + "…")],
    "thoughts": [("Hm\0.", "Hm\ufffd."), ("x" * 100_000, "x" * 100_000)],
    "text": [("Well\0.", "Well\ufffd."), ("half \ud83d", "half \ufffd")],
    "prompt_tokens": [(2**31, None), (-1, None), (7.5, None), ("many", None),
                      (2**31 - 1, 2**31 - 1)],
    "completion_tokens": [(2**70, None)],
    "thought_tokens": [(2**70, None), (-3, None)],
    "queued_s": [(float("nan"), None), (-0.25, -0.25), (10**400, None)],
    "first_token_s": [(float("-inf"), None)],
    "total_s": [(float("inf"), None), ("long", None)],
    "tokens_per_second": [(float("inf"), None), (1e308, None)],
}  # fmt: skip
ODD_VALUES = [(name, said, kept) for name, pairs in ODD.items() for said, kept in pairs]


@pytest.mark.parametrize(("name", "said", "kept"), ODD_VALUES)
def test_odd_result_never_keeps_an_answer_from_being_written_down(
    battle: Battle, name: str, said: object, kept: object
) -> None:
    answer, _ = answers(battle)
    settle(life, answer.pk, result(answer, **{name: said}))  # type: ignore[arg-type]
    answer.refresh_from_db()
    assert (answer.state, getattr(answer, name)) == (Answer.State.DONE, kept)


def test_odd_figures_of_a_stopped_answer_leave_the_others(battle: Battle) -> None:
    answer, _ = answers(battle)
    battle.turns.update(stopped=True)
    Answer.objects.filter(pk=answer.pk).update(state=Answer.State.DONE, text="Well")
    odd: dict[str, Any] = {
        "engine": "x" * 300,
        "prompt_tokens": 2**40,
        "tokens_per_second": float("nan"),
    }
    settle(life, answer.pk, result(answer, **odd))
    answer.refresh_from_db()
    figures = (answer.engine, answer.prompt_tokens, answer.tokens_per_second, answer.total_s)
    assert figures == ("x" * 199 + "…", None, None, 0.5)


def test_odd_error_is_written_down(battle: Battle) -> None:
    answer = fail(answers(battle)[0])
    odd = result(answer, finish_reason="error", error="\0" + "x" * 9_000, permanent=True)
    settle(life, answer.pk, odd)
    answer.refresh_from_db()
    assert answer.error == f"attempt 2: \ufffd{'x' * 9_000}"


def test_result_of_a_superseded_attempt_is_ignored(battle: Battle) -> None:
    answer, _ = answers(battle)
    late = result(answer, "too late")
    fail(answer)
    settle(life, answer.pk, late)
    answer.refresh_from_db()
    assert (answer.state, answer.attempt, answer.text) == (Answer.State.QUEUED, 2, "")


def test_superseded_worker_cannot_write(
    battle: Battle, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    answer, _ = answers(battle)
    dispatch.send(life, answer)
    old = StreamWriter(broker.connection(), str(answer.stream), 1)
    assert old.write(Kind.TEXT, "before")
    with django_capture_on_commit_callbacks(execute=True):
        fail(answer)
    assert not old.write(Kind.TEXT, "after")
    assert StreamWriter(broker.connection(), str(answer.stream), 2).write(Kind.TEXT, "again")


def test_contestant_that_never_spoke_is_swapped_blindly(battle: Battle) -> None:
    before = battle.contestant_a
    answer = fail(fail(answers(battle)[0]))
    battle.refresh_from_db()
    assert battle.contestant_a not in (before, battle.contestant_b)
    assert answer.revision.contestant == battle.contestant_a
    assert battle.policy == "active-1/swapped"
    assert answer.state == Answer.State.QUEUED


def test_substitute_that_the_other_side_has_taken_is_drawn_again(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = (battle.contestant_a, battle.contestant_b)
    taken = battle.contestant_b.revisions.get()
    free = Revision.objects.exclude(contestant__in=present).get()
    drawn = iter([taken, free])
    monkeypatch.setattr(live_pairs, "draw_replacement", lambda *_: next(drawn))
    answer = fail(answers(battle)[0], permanent=True)
    assert (answer.revision, answer.attempt) == (free, 2)


def test_permanent_error_is_not_tried_again(battle: Battle) -> None:
    before = battle.contestant_a
    answer = fail(answers(battle)[0], permanent=True)
    battle.refresh_from_db()
    assert (battle.contestant_a != before, answer.attempt) == (True, 2)


def test_contestant_that_has_been_read_is_not_swapped(battle: Battle) -> None:
    answer, other = answers(battle)
    dispatch.send(life, answer)
    StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.TEXT, "Well,")
    fail(fail(answer))
    battle.refresh_from_db()
    other.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert "it broke" in battle.void_reason
    assert (answer.state, other.state) == (Answer.State.FAILED, Answer.State.FAILED)


def test_answer_that_is_handed_back_goes_on_for_as_long_as_it_takes(
    battle: Battle,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    asked: list[GenerateRequest] = []
    monkeypatch.setattr(dispatch, "enqueue", lambda request, *_, **__: asked.append(request))
    answer, _ = answers(battle)
    for so_far in ("Well,", "Well, it is", ""):
        back = result(answer, so_far, finish_reason="error", handed_back=True)
        with django_capture_on_commit_callbacks(execute=True):
            settle(life, answer.pk, back)
        answer.refresh_from_db()
    assert [(each.attempt, each.begun) for each in asked] == [
        (2, "Well,"), (3, "Well, it is"), (4, ""),
    ]  # fmt: skip
    assert answer.state == Answer.State.QUEUED


def test_empty_answer_is_a_failure(battle: Battle) -> None:
    answer, _ = answers(battle)
    settle(life, answer.pk, result(answer, " \n"))
    answer.refresh_from_db()
    assert (answer.state, answer.attempt) == (Answer.State.QUEUED, 2)


def complaint(answer: Answer, age: float, workers: list[Heartbeat] | None = None) -> str:
    queued_ago(answer, age)
    known = live_workers(broker.connection()) if workers is None else workers
    fault = watchdog.complaint(answer, life.policy, known)
    return fault.reason if fault else ""


def test_watchdog_leaves_a_fresh_answer_alone(battle: Battle) -> None:
    assert complaint(answers(battle)[0], age=1) == ""


def test_watchdog_notices_that_nobody_serves_the_weights(battle: Battle) -> None:
    assert complaint(answers(battle)[0], age=11, workers=[]) == "no worker serves it"


def unserved(answer: Answer, ago: float) -> Answer:
    """Its last attempt, which no worker has served since it was queued."""
    Answer.objects.filter(pk=answer.pk).update(attempt=2)
    answer.refresh_from_db()
    queued_ago(answer, ago)
    settling.fail(life, answer, UNSERVED)
    answer.refresh_from_db()
    return answer


def test_model_whose_worker_is_gone_is_swapped_at_once(battle: Battle) -> None:
    before = battle.contestant_a
    assert unserved(answers(battle)[0], ago=10).revision.contestant != before


@pytest.mark.parametrize(("ago", "state"), [(39, Battle.State.OPEN), (41, Battle.State.VOID)])
def test_battle_that_needs_a_worker_waits_until_it_may_be_back(
    battle: Battle, ago: float, state: str
) -> None:
    present = (battle.contestant_a, battle.contestant_b)
    Contestant.objects.exclude(pk__in=[one.pk for one in present]).delete()
    unserved(answers(battle)[0], ago)
    battle.refresh_from_db()
    assert battle.state == state


def test_watchdog_notices_a_lost_task(battle: Battle) -> None:
    answer, _ = answers(battle)
    dispatch.send(life, answer)
    assert complaint(answer, age=8) == ""  # a worker that has a free slot will take it
    lose_tasks(answer)
    assert complaint(answer, age=8) == "its task was lost"


def test_watchdog_waits_for_a_full_worker(battle: Battle) -> None:
    answer, _ = answers(battle)
    full = [Heartbeat("w", (answer.revision.weights,), slots=8, load={answer.revision.weights: 8})]
    assert complaint(answer, age=600, workers=full) == ""
    assert complaint(answer, age=611, workers=full) == "it waited too long in the queue"


def test_answer_that_waited_too_long_is_asked_of_another_model(battle: Battle) -> None:
    answer, _ = answers(battle)
    before = answer.revision
    settle(life, answer.pk, result(answer, "", finish_reason="overdue"))
    answer.refresh_from_db()
    assert (answer.state, answer.attempt, answer.revision == before) == ("QUEUED", 2, False)
    settle(life, answer.pk, result(answer, "", finish_reason="overdue"))
    battle.refresh_from_db()
    assert battle.void_reason.endswith("it waited too long in the queue")
    assert resting.among([before, answer.revision]) == []


def test_battle_that_cannot_be_looked_after_keeps_no_other_from_it(
    battle: Battle, voter: Voter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, lost = (answer.pk for answer in answers(battle))
    recovered: list[int] = []

    def complain(answer: Answer, *_: object) -> Fault:
        if answer.pk == broken:
            raise ValueError("of another version")
        return LOST_TASK

    def recover(_: object, one: Answer, fault: Fault) -> bool:
        recovered.append(one.pk)
        return True

    monkeypatch.setattr(watchdog, "complaint", complain)
    monkeypatch.setattr(watchdog, "fail", recover)
    assert watchdog.watch(life) == 1
    assert recovered == [lost]
    assert f"answer {broken} could not be looked after" in caplog.text


def test_answer_the_broker_knows_nothing_of_is_asked_for_again(battle: Battle) -> None:
    answer, _ = answers(battle)
    forget_all()
    assert watchdog.complaint(answer, life.policy, []) is LOST_STREAM


@pytest.mark.parametrize("seconds", [-130, 130])
def test_clock_of_another_host_ends_nothing(
    battle: Battle, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    for answer in answers(battle):
        dispatch.send(life, answer)
        StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.BEAT)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=seconds))
    assert watchdog.watch(life) == 0
    assert battle.turns.get().stopped is False


def test_watchdog_recovers_an_answer_whose_stream_fell_silent(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, _ = answers(battle)
    dispatch.send(life, answer)
    StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.BEAT)
    assert watchdog.watch(life) == 0
    bend(monkeypatch, WATCHDOG, silent_s=-1.0)
    assert watchdog.watch(life) == 1
    answer.refresh_from_db()
    assert (answer.attempt, answer.error) == (2, "attempt 1: its worker stopped responding")


def test_watchdog_leaves_a_complete_answer_to_the_task_that_records_it(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, _ = answers(battle)
    dispatch.send(life, answer)
    StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.END, "stop")
    bend(monkeypatch, WATCHDOG, silent_s=-1.0)
    assert watchdog.watch(life) == 0
    bend(monkeypatch, WATCHDOG, result_s=-1.0)
    assert watchdog.watch(life) == 1
    answer.refresh_from_db()
    assert answer.error == "attempt 1: its result was lost"
