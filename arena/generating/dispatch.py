"""From an answer to be made to a task in its queue."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

from celery import current_app, signature
from django.db import transaction
from django.db.models.functions import Now

from inference.contract.requests import GenerateRequest
from inference.contract.streams import (
    Kind,
    StreamWriter,
    all_entries,
    attempt_key,
    begin_attempt,
    last_entry,
    waited_s,
)

from .. import broker
from ..models import Answer, Revision, Turn
from ..models.generated import Generated
from .life import G, Life, Policy

Messages = list[dict[str, str]]


def new_stream() -> UUID:
    """For an answer's first attempt. Raises RedisError if the broker would not take it."""
    stream = uuid4()
    begin_attempt(broker.connection(), str(stream), 1)
    return stream


def start(life: Life[G], one: G) -> None:
    """Have another attempt at `one` made, as soon as the transaction is over."""
    one.state = one.State.QUEUED
    one.attempt += 1
    one.dispatched = Now()  # the database's clock is everybody's
    one.save()
    transaction.on_commit(partial(send, life, one))


def send(life: Life[G], one: G) -> None:
    """Queue the present attempt; its result comes back to the task of its kind."""
    messages = life.messages(one)
    request = request_for(one.revision, messages, life.policy, one.stream, one.attempt)
    with broker.spared(f"{one._meta.verbose_name} {one.pk} is not queued yet"):
        enqueue(request, life.task, answer_id=one.pk)
        return
    life.unsent(one)


def enqueue(request: GenerateRequest, result_to: str, **about: int) -> None:
    """Queue `request` where its weights are served; from now on only its attempt may write to its
    stream. The result goes to the task `result_to`, with what it is `about`."""
    begin_attempt(broker.connection(), request.stream, request.attempt)
    current_app.send_task(
        "inference.generate",
        args=[request.to_dict()],
        queue=request.queue,
        link=signature(result_to, kwargs=about, queue="core"),
    )


def request_for(
    revision: Revision, messages: Messages, policy: Policy, stream: UUID, attempt: int = 1
) -> GenerateRequest:
    return GenerateRequest(
        stream=str(stream),
        attempt=attempt,
        weights=revision.weights,
        backend=revision.backend,
        endpoint=revision.endpoint,
        messages=messages,
        sampling=revision.sampling,
        stop=revision.stop,
        max_tokens=revision.max_tokens,
        max_thought_tokens=revision.max_thought_tokens,
        prompt_format=revision.prompt_format,
        deadline_s=policy.deadline_s,
        patience_s=policy.patience_s,
    )


def opening(system_prompt: str, prompt: str) -> Messages:
    """What a first answer is asked for with."""
    messages = [{"role": "system", "content": system_prompt}] if system_prompt else []
    return [*messages, {"role": "user", "content": prompt}]


def conversation(turn: Turn, side: str, system_prompt: str) -> Messages:
    """All that one side has heard and said, up to the prompt of `turn`."""
    messages = opening(system_prompt, turn.prompt)
    if turn.number > 1:
        before = turn.battle.turns.filter(number__lt=turn.number).order_by("number")
        said = Answer.objects.filter(turn__in=before, side=side).order_by("turn__number")
        messages[-1:-1] = [
            {"role": role, "content": text}
            for prompt, answer in said.values_list("turn__prompt", "text")
            for role, text in (("user", prompt), ("assistant", answer))
        ]
    return messages


def cancel(stream: object) -> None:
    """No attempt is current any more: a worker still at it stops at its next write."""
    with broker.spared("an answer is not stopped"):
        broker.connection().delete(attempt_key(str(stream)))


def stop(answer: Answer, words: int) -> None:
    """Nothing more is wanted of `answer`: whoever watches has seen so many of its words."""
    with broker.spared("where an answer was stopped is not told"):
        stream = StreamWriter(broker.connection(), str(answer.stream), answer.attempt)
        stream.write(Kind.STOPPED, str(words))
    cancel(answer.stream)


def tell_stored(answer: Generated) -> None:
    """Whoever watches need not ask the database: the stream was all there is of this answer. Not
    written when the attempt was stopped; then they ask."""
    stream = StreamWriter(broker.connection(), str(answer.stream), answer.attempt)
    with broker.spared("watchers ask the database"):
        stream.write(Kind.STORED)


def has_shown_text(answer: Answer) -> bool:
    entries = all_entries(broker.connection(), str(answer.stream))
    return any(entry.kind is Kind.TEXT for entry in entries)


def silent_for(answer: Generated) -> tuple[float, Kind | None] | None:
    """Seconds since this attempt was last heard of, and with what: None if no worker has begun it.
    None instead of both if the broker has lost it. By the broker's clock alone."""
    connection, stream = broker.connection(), str(answer.stream)
    entry = last_entry(connection, stream)
    if entry is not None and entry.attempt == answer.attempt:
        return broker.now() - entry.at, entry.kind
    waited = waited_s(connection, stream)
    return None if waited is None else (waited, None)
