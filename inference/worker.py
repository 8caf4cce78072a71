"""A model worker: engines over a folder of weights, one stream writer an answer."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import redis

from .engine import Engine, EngineError, Generation, Job, Outcome, Sampling, version
from .presence import Heartbeat, Pulse
from .requests import GenerateRequest, GenerateResult
from .streams import Kind, StreamWriter

WRITE_EVERY_S = 0.05  # text is coalesced to about 20 entries a second
BEAT_EVERY_S = 1.0

logger = logging.getLogger(__name__)


class Worker:
    """Answers requests for the weights found in a folder. Engines load on demand and stay."""

    def __init__(self, folder: Path, connection: redis.Redis, *, slots: int, context: int) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.folder = folder
        self.slots = slots
        self.context = context
        self._connection = connection
        self._engines: dict[str, Engine] = {}
        self._loading = threading.Lock()
        self._running = 0
        self.pulse = Pulse(connection, self.describe)

    def weights(self) -> tuple[str, ...]:
        return tuple(sorted(file.stem for file in self.folder.glob("*.gguf")))

    def describe(self) -> Heartbeat:
        engines = list(self._engines.values())
        return Heartbeat(
            worker=self.name,
            weights=self.weights(),
            slots=self.slots,
            running=self._running,
            queued=sum(engine.queued for engine in engines),
            tokens_per_second=round(sum(engine.tokens_per_second for engine in engines), 1),
        )

    def engine(self, weights: str) -> Engine:
        """The engine of `weights`, loaded if need be. Raises EngineError with a sentence."""
        with self._loading:
            engine = self._engines.get(weights)
            if engine is None or not engine.alive:
                self._engines[weights] = Engine(
                    self._file(weights), slots=self.slots, context=self.context
                )
            return self._engines[weights]

    def generate(self, request: GenerateRequest) -> GenerateResult:
        """Make one answer. Never raises: whatever happens becomes a result the arena can act on."""
        started = time.time()
        writer = StreamWriter(self._connection, request.stream, request.attempt)
        self._running += 1
        try:
            result = self._answer(request, writer, queued_s=started - request.dispatched_at)
        except EngineError as error:
            result = _failure(request, str(error), permanent=error.permanent)
        except Exception as error:
            logger.exception("answer %s failed", request.stream)
            result = _failure(request, f"{type(error).__name__}: {error}", permanent=False)
        finally:
            self._running -= 1
        writer.write(Kind.END, result.finish_reason)
        return result

    def close(self) -> None:
        self.pulse.stop()
        for engine in self._engines.values():
            engine.close()

    def _answer(
        self, request: GenerateRequest, writer: StreamWriter, queued_s: float
    ) -> GenerateResult:
        if request.seconds_left <= 0 or not writer.write(Kind.BEAT):
            return _failure(request, "It came too late: another attempt has begun.", permanent=True)
        generation = self.engine(request.weights).submit(_job(request))
        text = "".join(_forward(generation, writer))
        outcome = generation.outcome
        if outcome is None:
            raise EngineError("The engine ended without an outcome.", permanent=False)
        return _result(request, text, outcome, queued_s)

    def _file(self, weights: str) -> Path:
        file = self.folder / f"{weights}.gguf"
        if file.parent != self.folder or not file.is_file():
            raise EngineError(f"There are no weights {weights!r} in {self.folder}.", permanent=True)
        return file


def _forward(generation: Generation, writer: StreamWriter) -> Iterator[str]:
    """Copy text from the engine to the stream, and yield it; cancel when no longer wanted."""
    beat_at = time.monotonic()
    while (piece := generation.read(timeout=BEAT_EVERY_S)) is not None:
        written = time.monotonic()
        if piece:
            wanted = writer.write(Kind.TEXT, piece)
            yield piece
        elif written - beat_at >= BEAT_EVERY_S * 0.9:
            wanted, beat_at = writer.write(Kind.BEAT), written
        else:
            continue
        if not wanted:
            generation.cancel()
        time.sleep(max(0.0, written + WRITE_EVERY_S - time.monotonic()))


def _job(request: GenerateRequest) -> Job:
    return Job(
        messages=tuple(request.messages),
        sampling=Sampling(**request.sampling),
        max_tokens=request.max_tokens,
        deadline_s=request.seconds_left,
        prompt_format=request.prompt_format,
    )


def _result(
    request: GenerateRequest, text: str, outcome: Outcome, queued_s: float
) -> GenerateResult:
    return GenerateResult(
        stream=request.stream,
        attempt=request.attempt,
        text=text,
        finish_reason=outcome.finish_reason,
        error=outcome.error,
        queued_s=queued_s + outcome.queued_s,
        first_token_s=outcome.first_token_s,
        total_s=outcome.total_s,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        engine=f"llama.cpp {version()}",
    )


def _failure(request: GenerateRequest, sentence: str, *, permanent: bool) -> GenerateResult:
    return GenerateResult(
        stream=request.stream, attempt=request.attempt, error=sentence, permanent=permanent
    )


_serving: list[Worker] = []  # in a model worker, one


def serve(worker: Worker) -> None:
    """Make `worker` the one that this process's tasks run on."""
    _serving[:] = [worker]


def current_worker() -> Worker:
    if not _serving:
        raise RuntimeError(
            "This process is no model worker. Start one with: python manage.py inference_worker"
        )
    return _serving[0]
