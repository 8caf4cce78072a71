"""The arena's Celery tasks: thin wrappers around the domain. Tasks on the `core` queue are short;
tasks that may take long are routed to `background` (`CELERY_TASK_ROUTES`)."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery import Task, shared_task
from celery.worker import state
from django.db import InterfaceError, OperationalError

from inference.contract.requests import GenerateResult

from . import broker, processes
from .battles import answering, checks
from .campaigns import batches
from .chats import replying
from .contestants import pausing
from .counting import bulk
from .generating import watchdog
from .generating.life import Life
from .generating.settling import settle
from .jobs import running
from .keys import delivery
from .labelling import by_model
from .moderating import checker
from .probing import running as probing
from .retaining import sweeping
from .votes import forgetting


class Result(Task):
    """Receives a model's result, which must survive a database outage: the task is retried with
    backoff. A broker outage is handled by `broker.outlasted`."""

    autoretry_for = (OperationalError, InterfaceError)
    retry_backoff = 1  # seconds, then twice as long each time
    retry_backoff_max = 30
    max_retries = 10


def settled(life: Life[Any], pk: int, result: dict[str, Any]) -> None:
    broker.outlasted(partial(settle, life, pk, GenerateResult.from_dict(result)))


@shared_task(name="arena.record_answer", base=Result)
def record_answer(result: dict[str, Any], answer_id: int) -> None:
    settled(answering.life, answer_id, result)


@shared_task(name="arena.record_prepared_answer", base=Result)
def record_prepared_answer(result: dict[str, Any], answer_id: int) -> None:
    settled(batches.life, answer_id, result)


@shared_task(name="arena.record_reply", base=Result)
def record_reply(result: dict[str, Any], answer_id: int) -> None:
    settled(replying.life, answer_id, result)


@shared_task(name="arena.record_probe_answer", base=Result)
def record_probe_answer(result: dict[str, Any], answer_id: int) -> None:
    settled(probing.life, answer_id, result)


@shared_task(name=probing.TASK)
def advance_probes() -> None:
    probing.advance_all()


@shared_task(name="arena.record_check")
def record_check(result: dict[str, Any]) -> None:
    """Its page has read the verdict already: this is about whether the checker works."""
    checker.note(GenerateResult.from_dict(result))


@shared_task(name="arena.record_answer_check", base=Result)
def record_answer_check(result: dict[str, Any], answer_id: int) -> None:
    checks.record(GenerateResult.from_dict(result), answer_id)


@shared_task(name="arena.record_labels", base=Result)
def record_labels(result: dict[str, Any], battle_id: int, contestant_id: int) -> None:
    by_model.record(battle_id, contestant_id, GenerateResult.from_dict(result))


@shared_task(name="arena.advance_batches")
def advance_batches() -> None:
    batches.advance_all()


@shared_task(name="arena.sweep_forgotten")
def sweep_forgotten() -> None:
    forgetting.sweep()


@shared_task(name="arena.sweep_old")
def sweep_old() -> None:
    sweeping.sweep()


@shared_task(name="arena.pause_failing")
def pause_failing() -> None:
    with broker.spared("failing contestants were not paused"):
        pausing.pause_failing()


@shared_task(name=running.TASK)
def run_jobs() -> None:
    running.run_all(is_stopping=lambda: state.should_stop is not None)


@shared_task(name=bulk.TASK)
def change_in_bulk(change: int, reason: str | None) -> None:
    bulk.finish(change, reason)


@shared_task(name="arena.send_keys")
def send_keys() -> None:
    delivery.deliver()


@shared_task(name="arena.watch_answers")
def watch_answers() -> None:
    watchdog.watch(answering.life, batches.life, replying.life, probing.life)


@shared_task(name="arena.pulse")
def pulse(queue: str, sent: float) -> None:
    """Sent by the clock through a queue, to measure the queue's delay."""
    processes.note_pulse(broker.connection(), queue, sent)
