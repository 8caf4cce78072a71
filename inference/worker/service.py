"""A model worker: takes requests, has a backend answer them, and writes to their streams."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import redis

from ..contract import keys, results
from ..contract.asking import ANY
from ..contract.broker import is_passing
from ..contract.endings import FinishReason
from ..contract.errors import EngineError
from ..contract.limits import STOPPING, STREAMS
from ..contract.presence import Heartbeat, Pulse, resident_bytes
from ..contract.requests import (
    GenerateRequest,
    GenerateResult,
    is_remote,
    key_service,
    service_of_queue,
)
from ..contract.streams import Kind, StreamWriter, waited_s
from ..engine import Outcome
from ..text.characters import clean
from . import backends
from .backends import Host, Running
from .charging import charged
from .fetching.desk import Desk
from .inventory import Inventory
from .keyring import Keyring
from .queue import Queue
from .scribe import HandedBack, Scribe

logger = logging.getLogger(__name__)


class Worker:
    """Answers requests for the weights in the host's folder and, if `remote`, for models elsewhere.

    `models` names the weights to serve; empty means all in the folder, including later ones. With
    the `secret` it opens the API keys that the site sends. `grace_s` [s]: for running answers to
    end when it is told to stop; None: as under `make up`.
    """

    def __init__(
        self,
        connection: redis.Redis,
        host: Host,
        *,
        models: tuple[str, ...] = (),
        remote: bool = False,
        secret: str = "",
        grace_s: float | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.host = host
        self.remote = remote
        self.inventory = Inventory(host.folder, connection, models, host.hardware)
        # Weights that are downloaded would not be served if others are named.
        self.desk = None if models else Desk(connection, host.folder, self.name)
        self.keyring = Keyring(connection, secret) if remote else None
        self.connection = connection
        self.queue = Queue(connection)
        self._backends: dict[str, Running] = {}
        self._starting = threading.Lock()
        self._taken: Counter[str] = Counter()  # answers begun, by service
        self._scribe = Scribe(connection)
        self._grace_s = grace_s
        self._hardware = str(host.hardware)
        self.pulse = Pulse(connection, self.describe)

    def serves(self) -> tuple[str, ...]:
        named = ["", *self._keys()] if self.remote else []  # "": servers that need no key
        return (*self.inventory.usable, *(key_service(name) for name in named))

    def asks(self) -> tuple[str, ...]:
        """The services about which it answers questions (`contract.asking`)."""
        remote = [service for service in self.serves() if is_remote(service)]
        return (*([ANY] if self.desk else []), *remote)

    def _keys(self) -> list[str]:
        return keys.held() if self.remote else []

    def describe(self) -> Heartbeat:
        running = list(self._backends.values())
        occupied = {name: slots for each in running for name, slots in each.occupied.items()}
        taken = dict(self._taken)
        room = {s: self.host.remote_slots if is_remote(s) else occupied.get(s, 0) for s in taken}
        load = {service: min(n, room[service]) for service, n in taken.items()}
        return Heartbeat(
            worker=self.name,
            serves=self.serves(),
            slots=self.host.slots,
            remote_slots=self.host.remote_slots,
            context=self.host.context,
            load=load,
            queued={service: n - load[service] for service, n in taken.items()},
            tokens_per_second=sum(each.tokens_per_second for each in running),
            ram_bytes=resident_bytes(),
            key_hosts={name: [*keys.hosts_of(name)] for name in self._keys()},
            sent_keys=tuple(keys.sent()) if self.remote else (),
            unsealed=self.keyring.complaint if self.keyring else "",
            bare=self.inventory.bare,
            fetches_to=self.desk.home if self.desk else "",
            free_bytes=self.desk.free_bytes if self.desk else 0,
            ram_limit=self.host.ram_bytes,
            hardware=self._hardware,
        )

    def generate(self, request: GenerateRequest) -> GenerateResult:
        """Generate one answer. Never raises: every error becomes a result the arena can act on."""
        writer = StreamWriter(self.connection, request.stream, request.attempt)
        with self._counted(request.service):
            try:
                return self._answer(request, writer)
            except HandedBack as error:
                result = _handed_back(request, error)
            except EngineError as error:
                has_stopped = self._scribe.has_stopped
                result = (_handed_back if has_stopped else _failure)(request, error)
            except redis.RedisError as error:
                away = EngineError(f"The broker was unavailable: {error}", permanent=False)
                result = _failure(request, away)
            except Exception as error:
                logger.exception("answer %s failed", request.stream)
                sentence = f"{type(error).__name__}: {error}"
                result = _failure(request, EngineError(sentence, permanent=False))
        try:
            writer.write(Kind.END, result.finish_reason)
        except redis.RedisError as error:
            logger.warning("the end of answer %s could not be written: %s", request.stream, error)
        return result

    def hand_in(self, result: GenerateResult, ticket: str) -> None:
        """Send the result back. Never raises: without it, the arena asks again after a while."""
        until = time.monotonic() + STREAMS.patience_s
        while True:
            try:
                return results.post(self.connection, result, ticket)
            except redis.RedisError as error:
                if not is_passing(error) or time.monotonic() > until:
                    return logger.warning("result %s could not be sent: %s", result.stream, error)
            time.sleep(STREAMS.again_s)

    def has_room(self, queue: str, held: int) -> bool:
        """Whether an answer from `queue` could begin, while `held` of its tasks have not ended. Of
        weights that have to wait for memory it takes one, which waits for the others' turn."""
        service = service_of_queue(queue)
        taken = max(held, self._taken[service])  # after a lost connection Celery holds none
        if is_remote(service):
            return taken < self.host.remote_slots
        local = self._backends.get("llama_cpp")
        free = taken < self.host.slots
        return free and (not taken or local is None or local.can_begin(service))

    def stop(self) -> None:
        """Shut down: running answers end within the grace period or are handed back for a retry."""
        grace_s = STOPPING.answers_s if self._grace_s is None else self._grace_s
        timer = threading.Timer(grace_s, self._hand_back)
        timer.daemon = True
        timer.start()
        self.pulse.stop()
        if self.desk is not None:
            self.desk.stop()

    def close(self) -> None:
        self.pulse.stop()
        self._close_backends()

    def backend(self, name: str) -> Running:
        with self._starting:
            if name not in self._backends:
                self._backends[name] = backends.start(name, self.host)
            return self._backends[name]

    def _hand_back(self) -> None:
        self._scribe.stop()
        self._close_backends()  # answers waiting for memory have no generation to end

    def _close_backends(self) -> None:
        for backend in list(self._backends.values()):
            backend.close()

    @contextmanager
    def _counted(self, service: str) -> Iterator[None]:
        self._taken[service] += 1
        try:
            yield
        finally:
            self._taken[service] -= 1

    def _answer(self, request: GenerateRequest, writer: StreamWriter) -> GenerateResult:
        waited = waited_s(self.connection, request.stream)
        if waited is not None and request.begun:
            writer.write(Kind.GOES_ON, str(len(request.begun)))
        if waited is None or not writer.write(Kind.BEAT, request.request_id):
            # Superseded by another attempt, or lost.
            return _unmade(request, FinishReason.CANCELLED)
        request = replace(request, patience_s=request.patience_s - waited)
        if request.patience_left <= 0:
            writer.write(Kind.END, FinishReason.OVERDUE)
            return _unmade(request, FinishReason.OVERDUE, waited)
        backend = self.backend(request.backend)
        with (
            charged(self.connection, request) as bill,
            self._scribe.dictation(request.stream, request.attempt) as dictation,
            backend.generate(request) as generation,
        ):
            bill.generation = generation
            # Includes the time to load weights.
            queued_s = waited + time.monotonic() - request.arrived
            self._scribe.begin(dictation, generation)
            text = dictation.wait()
        outcome = generation.outcome
        if outcome is None:
            raise EngineError("The backend ended without an outcome.", permanent=False)
        result = _result(request, text, outcome, queued_s)
        return replace(
            result,
            thoughts=generation.thoughts,
            engine=backend.describe(request),
            learned=backend.learned(request),
            trial=request.endpoint.trial if request.endpoint else 0,
        )


def _result(
    request: GenerateRequest, text: str, outcome: Outcome, queued_s: float
) -> GenerateResult:
    first, before = outcome.first_token_s, outcome.queued_s
    return GenerateResult(
        stream=request.stream,
        attempt=request.attempt,
        text=text,
        finish_reason=outcome.finish_reason,
        error=clean(outcome.error),
        permanent=outcome.permanent,
        of_prompt=outcome.of_prompt,
        queued_s=queued_s + before,
        first_token_s=None if first is None else first - before,
        total_s=outcome.total_s - before,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        thought_tokens=outcome.thought_tokens,
        tokens_per_second=outcome.tokens_per_second,
        weights_sha256=outcome.weights_sha256,
        deadline_s=request.deadline_s,
        reports_usage=outcome.reports_usage,
    )


def _unmade(request: GenerateRequest, reason: FinishReason, waited: float = 0.0) -> GenerateResult:
    return GenerateResult(
        stream=request.stream, attempt=request.attempt, finish_reason=reason, queued_s=waited
    )


def _failure(request: GenerateRequest, error: EngineError) -> GenerateResult:
    return GenerateResult(
        stream=request.stream,
        attempt=request.attempt,
        finish_reason=FinishReason.ERROR,
        error=clean(str(error)),
        permanent=error.permanent,
        of_prompt=error.of_prompt,
    )


def _handed_back(request: GenerateRequest, error: EngineError) -> GenerateResult:
    """A failure that is not the model's. Only an engine of ours can go on from a text."""
    written = error.text if isinstance(error, HandedBack) else ""
    text = (written or request.begun) if request.endpoint is None else ""
    return replace(_failure(request, error), handed_back=True, text=text)


_serving: list[Worker] = []  # at most one


def serve(worker: Worker) -> None:
    """Make `worker` the one that this process's tasks run on."""
    _serving[:] = [worker]


def current_worker() -> Worker:
    if not _serving:
        raise RuntimeError(
            "This process is not a model worker. Start one with: python manage.py inference_worker"
        )
    return _serving[0]
