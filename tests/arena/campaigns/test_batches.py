"""Answers made in batch; the test plays the part of the model workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
from pytest_django import DjangoCaptureOnCommitCallbacks

from arena import broker
from arena.campaigns import batches, prompt_sets, taking_part
from arena.errors import Refused
from arena.generating import dispatch, watchdog
from arena.generating.settling import UNSERVED
from arena.limits import ATTEMPTS, WATCHDOG
from arena.models import Campaign, Contestant, PreparedAnswer, Prompt, Voter
from arena.tasks import advance_batches, record_prepared_answer
from inference.contract.requests import GenerateResult
from tests import factories
from tests.bending import bend

from ..streams import lose_tasks, queued_ago

pytestmark = pytest.mark.django_db
State = PreparedAnswer.State


@pytest.fixture
def campaign() -> Campaign:
    found = Campaign.objects.create(slug="ready", name="Ready", kind=Campaign.Kind.PREPARED)
    prompt_sets.enter(found, prompt_sets.typed("One?\n\nTwo?\nOn two lines\n\n\nThree?"))
    return found


@pytest.fixture
def made(in_service: None, campaign: Campaign, contestants: list[Contestant]) -> Campaign:
    """Nine answers ordered."""
    assert batches.order(campaign, contestants) == 9
    return campaign


def queued() -> list[PreparedAnswer]:
    return list(PreparedAnswer.objects.filter(state=State.QUEUED).order_by("pk"))


def result(answer: PreparedAnswer, text: str = "Well.", **changes: object) -> dict[str, object]:
    given = {"stream": str(answer.stream), "attempt": answer.attempt, "text": text,
             "finish_reason": "stop", "total_s": 0.5, "completion_tokens": 2}  # fmt: skip
    return GenerateResult.from_dict({**given, **changes}).to_dict()


def fail(answer: PreparedAnswer, **changes: object) -> PreparedAnswer:
    answer.refresh_from_db()
    record_prepared_answer(result(answer, "", finish_reason="error", error="it broke", **changes),
                           answer.pk)  # fmt: skip
    answer.refresh_from_db()
    return answer


def test_typed_prompts_are_paragraphs(campaign: Campaign) -> None:
    texts = [prompt.text for prompt in campaign.prompts.all()]
    assert texts == ["One?", "Two?\nOn two lines", "Three?"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("set.csv", "id,prompt,language\na,Hallo?,de\nb,Hello?,en\n"),
        ("set.jsonl", '{"id": "a", "text": "Hallo?", "language": "de"}\n'
                      '{"id": "b", "text": "Hello?", "language": "en"}\n'),
    ],
)  # fmt: skip
def test_prompts_come_from_a_file_once(
    campaign: Campaign, tmp_path: Path, name: str, content: str
) -> None:
    Prompt.objects.all().delete()
    path = tmp_path / name
    path.write_text(content)
    assert prompt_sets.enter(campaign, prompt_sets.of_file(path)) == 2
    assert prompt_sets.enter(campaign, prompt_sets.of_file(path)) == 0
    found = campaign.prompts.values_list("key", "text", "language")
    assert list(found) == [("a", "Hallo?", "de"), ("b", "Hello?", "en")]


def test_row_without_a_prompt_refuses_the_whole_file(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("id,prompt\na,Hallo?\nb,\n")
    with pytest.raises(Refused, match="Line 3 has neither"):
        prompt_sets.enter(campaign, prompt_sets.of_file(path))
    assert campaign.prompts.count() == 3


def test_few_answers_are_under_way_at_a_time(made: Campaign) -> None:
    assert len(queued()) == batches.AT_ONCE
    assert batches.progress(made) == batches.Progress(waiting=5, queued=4, done=0, failed=0)


def test_answer_that_is_done_lets_the_next_begin(made: Campaign) -> None:
    first = queued()[0]
    record_prepared_answer(result(first), first.pk)
    first.refresh_from_db()
    assert (first.state, first.text, first.completion_tokens) == (State.DONE, "Well.", 2)
    assert batches.progress(made) == batches.Progress(waiting=4, queued=4, done=1, failed=0)


def test_battle_knows_how_its_prepared_answers_were_made(made: Campaign) -> None:
    how = {"queued_s": 0.2, "first_token_s": 0.1, "total_s": 0.5, "tokens_per_second": 4.0,
           "prompt_tokens": 7, "completion_tokens": 2, "engine": "llama.cpp 1",
           "weights_sha256": "ab" * 32}  # fmt: skip
    while underway := queued():
        record_prepared_answer({**result(underway[0]), **how}, underway[0].pk)
    battle = taking_part.begin(made, Voter.objects.create())
    judged = battle.turns.get().answers.values(*how)
    assert list(judged) == [how, how]


def test_all_answers_are_made_and_can_be_judged(made: Campaign) -> None:
    while underway := queued():
        record_prepared_answer(result(underway[0]), underway[0].pk)
    assert batches.progress(made) == batches.Progress(waiting=0, queued=0, done=9, failed=0)
    assert batches.progress(made).is_over
    assert taking_part.begin(made, Voter.objects.create()).campaign == made


def test_ordering_again_makes_only_what_is_missing(
    made: Campaign, contestants: list[Contestant]
) -> None:
    assert batches.order(made, contestants) == 0
    factories.revision(contestants[0], number=2, weights="newer")
    assert batches.order(made, contestants) == 3


def test_failed_attempt_is_tried_again_and_at_last_given_up(made: Campaign) -> None:
    answer = queued()[0]
    for attempt in (1, 2):
        fail(answer)
        assert (answer.attempt, answer.state) == (attempt + 1, State.QUEUED)
    assert fail(answer).state == State.FAILED
    assert answer.error == "attempt 3: it broke"
    assert batches.retry(PreparedAnswer.objects.filter(prompt__campaign=made)) == 1
    assert fail(answer, permanent=True).attempt <= 4


def test_failed_answer_that_is_retried_has_all_of_its_attempts_again(made: Campaign) -> None:
    answer = queued()[0]
    PreparedAnswer.objects.exclude(pk=answer.pk).update(state=State.DONE)
    while answer.state == State.QUEUED:
        fail(answer)
    spent = answer.attempt
    assert batches.retry(PreparedAnswer.objects.filter(prompt__campaign=made)) == 1
    answer.refresh_from_db()
    while answer.state == State.QUEUED:
        fail(answer)
    assert (answer.state, answer.attempt) == (State.FAILED, 2 * spent)


def test_permanent_error_is_not_tried_again(made: Campaign) -> None:
    assert fail(queued()[0], permanent=True).state == State.FAILED


def test_late_result_of_an_earlier_attempt_is_ignored(made: Campaign) -> None:
    answer = queued()[0]
    late = result(answer, "too late")
    fail(answer)
    record_prepared_answer(late, answer.pk)
    answer.refresh_from_db()
    assert (answer.text, answer.attempt) == ("", 2)


def test_odd_figures_keep_no_prepared_answer_from_being_written_down(made: Campaign) -> None:
    answer = queued()[0]
    odd: dict[str, Any] = {
        "engine": "x" * 300,
        "weights_sha256": "f" * 99,
        "prompt_tokens": -1,
        "total_s": 1e400,
    }
    record_prepared_answer(result(answer, **odd), answer.pk)
    answer.refresh_from_db()
    assert (answer.state, len(answer.engine), len(answer.weights_sha256)) == (State.DONE, 200, 64)
    assert (answer.prompt_tokens, answer.total_s) == (None, None)


def test_paused_campaign_begins_nothing_new(made: Campaign) -> None:
    batches.pause(made)
    for answer in queued():
        record_prepared_answer(result(answer), answer.pk)
    assert batches.progress(made) == batches.Progress(waiting=5, queued=0, done=4, failed=0)
    advance_batches()
    assert queued() == []
    batches.resume(made)
    assert len(queued()) == batches.AT_ONCE


def test_answer_whose_task_died_is_queued_again(
    in_service: None, made: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    lost = queued()[0]
    for answer in queued():
        dispatch.send(batches.life, answer)
    assert watchdog.watch(batches.life) == 0
    bend(monkeypatch, WATCHDOG, lost_s=-1.0)
    assert watchdog.watch(batches.life) == 0  # a worker that has a free slot will take them
    for answer in queued():
        lose_tasks(answer)
    assert watchdog.watch(batches.life) == batches.AT_ONCE
    advance_batches()
    lost.refresh_from_db()
    assert (lost.state, lost.attempt) == (State.QUEUED, 2)
    assert lost.error == "attempt 1: its task was lost"


def test_prepared_answer_waits_for_its_worker_to_come_back(
    made: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is watching it, unlike an answer in a battle."""
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    answer = queued()[0]
    dispatch.send(batches.life, answer)
    queued_ago(answer, 590)
    assert watchdog.complaint(answer, batches.life.policy, []) is None
    queued_ago(answer, 610)
    assert watchdog.complaint(answer, batches.life.policy, []) is UNSERVED


def test_absent_broker_costs_an_answer_no_attempt(
    in_service: None,
    campaign: Campaign,
    contestants: list[Contestant],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def take_nothing(*_: object, **__: object) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(dispatch, "enqueue", take_nothing)
    for _ in range(ATTEMPTS.of_batch + 1):
        with django_capture_on_commit_callbacks(execute=True):
            batches.order(campaign, contestants[:1])
    made = set(PreparedAnswer.objects.values_list("state", "attempt"))
    assert made == {(State.WAITING, 0)}


def test_task_reaches_the_queue_of_its_weights(
    in_service: None,
    campaign: Campaign,
    contestants: list[Contestant],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    queue = "model.xylophonic-weights"
    broker.connection().delete(queue)
    with django_capture_on_commit_callbacks(execute=True):
        batches.order(campaign, contestants[:1])
    assert broker.connection().llen(queue) == 3
    broker.connection().delete(queue)


def test_unserved_contestant_holds_up_no_other(
    in_service: None, campaign: Campaign, contestants: list[Contestant]
) -> None:
    contestants[0].revisions.update(weights="on-no-worker")
    batches.order(campaign, contestants)
    while underway := queued():
        record_prepared_answer(result(underway[0]), underway[0].pk)
    assert batches.progress(campaign) == batches.Progress(waiting=3, queued=0, done=6, failed=0)
    left = PreparedAnswer.objects.filter(state=State.WAITING)
    assert {*batches.hindrances(left).values()} == {"No running worker has on-no-worker.gguf."}


def test_answers_left_at_a_worker_that_has_gone_take_no_places(
    made: Campaign, contestants: list[Contestant]
) -> None:
    first = contestants[0].revisions.get()
    PreparedAnswer.objects.filter(revision=first).update(state=State.QUEUED)
    contestants[0].revisions.update(weights="on-no-worker")
    advance_batches()
    here = PreparedAnswer.objects.exclude(revision=first)
    assert here.filter(state=State.QUEUED).count() == batches.AT_ONCE


def test_slow_contestant_takes_half_of_the_places(
    made: Campaign, contestants: list[Contestant]
) -> None:
    slow = PreparedAnswer.objects.filter(revision__contestant=contestants[0])
    others = PreparedAnswer.objects.exclude(revision__contestant=contestants[0])
    while others.filter(state=State.WAITING).exists():
        assert slow.filter(state=State.QUEUED).count() <= batches.OF_ONE
        done = others.filter(state=State.QUEUED)[0]
        record_prepared_answer(result(done), done.pk)
    assert slow.filter(state=State.DONE).count() == 0


def test_answers_made_elsewhere_are_not_asked_for(campaign: Campaign) -> None:
    ada = factories.contestant("Ada")
    factories.revision(ada, number=0, weights="(made elsewhere)")
    with pytest.raises(Refused, match="Choose contestants that this arena can run"):
        batches.order(campaign, [ada])


def test_core_worker_knows_the_tasks() -> None:
    """The tasks are found through the admin, which every process loads."""
    ask = (
        "from config.celery import app; app.loader.import_default_modules(); "
        "print(*(name for name in app.tasks))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert {"arena.record_prepared_answer", "arena.advance_batches"} <= set(done.stdout.split())
