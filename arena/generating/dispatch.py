"""Queues the tasks that generate answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from inference.contract import request_ids, waiting
from inference.contract.requests import Endpoint, GenerateRequest, queue_of
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
from ..limiting import clients
from ..limits import AnswerTimes
from ..models import Answer, Revision, Turn
from ..models.generated import Generated
from . import learning, tickets
from .life import G, Life, Policy

Messages = list[dict[str, str]]
GUARD = Policy(AnswerTimes())  # of texts that are checked; `checker` sets its own times


def new_stream() -> UUID:
    """A new stream for an answer's first attempt. Raises RedisError if the broker is down."""
    stream = uuid4()
    begin_attempt(broker.connection(), str(stream), 1)
    return stream


def start(life: Life[G], one: G, begun: str = "") -> None:
    """Begin another attempt at `one`, which goes on from the text that it has `begun`; its task is
    queued when the transaction commits."""
    one.state = one.State.QUEUED
    one.attempt += 1
    one.dispatched = Now()  # the database's clock, which all hosts share
    one.save()
    transaction.on_commit(partial(send, life, one, begun))


def send(life: Life[G], one: G, begun: str = "") -> None:
    """Queue the current attempt; its result goes to the task `life.task`."""
    messages = life.messages(one)
    request = request_for(one.revision, messages, life.policy, one.stream, one.attempt)
    request = replace(request, begun=begun, trace=life.trace_of(one))
    with broker.spared("who waits for an answer is unknown"):
        request = replace(request, client=clients.label_of(life.voter_of(one)))
    with broker.spared(f"{one._meta.verbose_name} {one.pk} is not queued yet"):
        enqueue(life.shaped(request), life.task, answer_id=one.pk)
        return
    life.unsent(one)


def enqueue(request: GenerateRequest, result_to: str, **about: int) -> None:
    """Queue `request` where its weights are served; from now on only its attempt may write to its
    stream. The result goes to the task `result_to`, with `about` as keyword arguments."""
    begin_attempt(broker.connection(), request.stream, request.attempt)
    ticket = tickets.of(request, result_to, about)
    request = replace(request, ticket=ticket, request_id=request_ids.current())
    waiting.offer(broker.connection(), request)
    current_app.send_task("inference.generate", args=[request.to_dict()], queue=request.queue)


def is_queued(service: str) -> bool:
    """Whether tasks for a service wait until a worker has a free slot."""
    return bool(broker.connection().llen(queue_of(service)))


def request_for(
    revision: Revision, messages: Messages, policy: Policy, stream: UUID, attempt: int = 1
) -> GenerateRequest:
    return GenerateRequest(
        stream=str(stream),
        attempt=attempt,
        weights=revision.weights,
        backend=revision.backend,
        endpoint=_endpoint_of(revision),
        messages=messages,
        sampling=revision.sampling,
        stop=revision.stop,
        max_tokens=revision.max_tokens,
        max_thought_tokens=revision.max_thought_tokens,
        prompt_format=revision.prompt_format,
        deadline_s=min(policy.times.answer_s, revision.answer_s or policy.times.answer_s),
        patience_s=policy.times.queue_s,
    )


def _endpoint_of(revision: Revision) -> Endpoint | None:
    endpoint = revision.endpoint
    return replace(endpoint, trial=learning.trial_of(revision)) if endpoint else None


def opening(system_prompt: str, prompt: str) -> Messages:
    """The messages that ask for a first answer."""
    messages = [{"role": "system", "content": system_prompt}] if system_prompt else []
    return [*messages, {"role": "user", "content": prompt}]


def conversation(turn: Turn, side: str, system_prompt: str) -> Messages:
    """All prompts and answers of one side, up to and including the prompt of `turn`."""
    if turn.number == 1:
        return opening(system_prompt, turn.prompt)
    before = turn.battle.turns.filter(number__lt=turn.number)
    said = Answer.objects.filter(turn__in=before, side=side).order_by("turn__number")
    return talk(system_prompt, said.values_list("turn__prompt", "text"), turn.prompt)


def talk(system_prompt: str, said: Iterable[tuple[str, str]], prompt: str) -> Messages:
    """The messages that ask `prompt` after the prompts and answers in `said`."""
    messages = opening(system_prompt, prompt)
    messages[-1:-1] = [
        {"role": role, "content": text}
        for asked, answer in said
        for role, text in (("user", asked), ("assistant", answer))
    ]
    return messages


def cancel(stream: object) -> None:
    """Leave the stream without a current attempt: a worker still at it stops at its next write."""
    with broker.spared("an answer was not stopped"):
        broker.connection().delete(attempt_key(str(stream)))


def stop(answer: Answer, words: int) -> None:
    """Stop `answer` at the `words` that its watchers have seen, and tell them so."""
    with broker.spared("watchers did not learn where an answer was stopped"):
        stream = StreamWriter(broker.connection(), str(answer.stream), answer.attempt)
        stream.write(Kind.STOPPED, str(words))
    cancel(answer.stream)


def tell_stored(answer: Generated) -> None:
    """Tell watchers that the answer is stored as streamed, so that they need not query the
    database. A stopped attempt can no longer write to its stream; its watchers do query it."""
    stream = StreamWriter(broker.connection(), str(answer.stream), answer.attempt)
    with broker.spared("watchers will query the database"):
        stream.write(Kind.STORED)


def has_shown_text(answer: Answer) -> bool:
    entries = all_entries(broker.connection(), str(answer.stream))
    return any(entry.kind is Kind.TEXT for entry in entries)


def silent_for(answer: Generated) -> tuple[float, Kind | None] | None:
    """Seconds since this attempt's last stream entry, and that entry's kind. Before a worker has
    begun it: seconds since it was queued, and None. None instead of the pair if the broker has
    lost the stream. All times are by the broker's clock."""
    connection, stream = broker.connection(), str(answer.stream)
    entry = last_entry(connection, stream)
    if entry is not None and entry.attempt == answer.attempt:
        return broker.now() - entry.at, entry.kind
    waited = waited_s(connection, stream)
    return None if waited is None else (waited, None)
