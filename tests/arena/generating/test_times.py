"""How long an answer may take: the operator's settings, counted from its slot, and a bound of its
own for the queue."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from arena.battles import turns
from arena.battles.answering import life
from arena.campaigns import batches
from arena.generating import dispatch, watchdog
from arena.generating.settling import OVERDUE
from arena.limits import BATCH, WATCHDOG
from arena.models import Answer, Voter
from inference.contract.presence import Heartbeat

from ..streams import queued_ago

pytestmark = pytest.mark.usefixtures("in_service")


@pytest.fixture
def answer(voter: Voter) -> Answer:
    return turns.begin(voter, "Hi").turns.get().answers.order_by("side")[0]


def busy(answer: Answer) -> Heartbeat:
    """A worker that serves it, with no slot free."""
    service = answer.revision.service
    return Heartbeat("busy", (service,), slots=1, load={service: 1})


def test_request_has_the_times_that_the_operator_set(answer: Answer, settings: Settings) -> None:
    settings.ANSWER_SECONDS, settings.QUEUE_SECONDS = 45.0, 200.0
    request = dispatch.request_for(answer.revision, [], life.policy, answer.stream)
    assert (request.deadline_s, request.patience_s) == (45.0, 200.0)


def test_answer_that_waits_is_left_alone_for_as_long_as_it_may_wait(
    answer: Answer, settings: Settings
) -> None:
    settings.ANSWER_SECONDS, settings.QUEUE_SECONDS = 10.0, 200.0
    queued_ago(answer, 200 + WATCHDOG.overdue_s - 2)
    assert watchdog.complaint(answer, life.policy, [busy(answer)]) is None
    queued_ago(answer, 200 + WATCHDOG.overdue_s + 2)
    assert watchdog.complaint(answer, life.policy, [busy(answer)]) is OVERDUE


@pytest.mark.parametrize(
    ("set_to", "of_batch"), [(30.0, BATCH.answer_s), (900.0, 900.0), (3580.0, 3580.0)]
)
def test_batch_gives_an_answer_no_less_time_than_a_battle(
    set_to: float, of_batch: float, settings: Settings
) -> None:
    settings.ANSWER_SECONDS = set_to
    assert batches.life.policy.times.answer_s == of_batch
