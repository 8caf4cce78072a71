"""Generates many answers concurrently from one GGUF file."""

from __future__ import annotations

import atexit
import logging
import threading
from pathlib import Path

from ..contract.errors import EngineError
from ..text.thoughts import TAGS, opened_by
from .answers import Answer
from .context import Context
from .generation import Generation
from .hardware import USUAL, Hardware
from .jobs import Job
from .model import Model
from .scheduler import Scheduler
from .turns import decoder

logger = logging.getLogger(__name__)


class Engine:
    """Loaded weights that decode all running answers together. Thread-safe.

    `slots` answers run at a time, others queue; each may hold `context` tokens, prompt and answer
    together (less if the model was trained for less). `hardware` says what it runs on. Raises
    EngineError if the weights cannot be loaded or run.
    """

    def __init__(
        self,
        weights: Path,
        *,
        slots: int = 8,
        context: int = 4096,
        hardware: Hardware = USUAL,
    ) -> None:
        self.weights = weights
        self.slots = slots
        self._model = Model(weights, hardware)
        self.context = min(context, self._model.trained_context)
        self._context = self._open_context(hardware)
        self._scheduler = Scheduler(self._context, self._model.vocabulary)
        self._lock = threading.Lock()
        self._arrived: list[Answer] = []
        self._end = ""  # why it takes no more answers: a sentence
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._freed = False
        self._unfit: EngineError | None = None
        atexit.register(self.close)  # no thread may be inside llama.cpp when the interpreter exits
        decoder.join(self)
        self._ready.wait()
        if self._unfit:
            self.close()
            raise self._unfit

    @property
    def weights_sha256(self) -> str:
        return self._model.sha256

    @property
    def free_slots(self) -> int:
        return max(0, len(self._scheduler.free) - self.queued)

    @property
    def queued(self) -> int:
        """Answers that wait for a slot."""
        return len(self._arrived) + len(self._scheduler.waiting)

    @property
    def tokens_per_second(self) -> float:
        """The throughput of all answers together, over the last seconds."""
        return self._scheduler.throughput.per_second()

    @property
    def alive(self) -> bool:
        """Whether it still takes answers: False once it is closed or has failed."""
        return not self._end

    def submit(self, job: Job) -> Generation:
        """Begin `job`, now or when a slot is free.

        Raises EngineError: permanent if the prompt does not fit the context or its format fails,
        not permanent if the engine has ended.
        """
        pieces = self._model.written(job.messages, job.prompt_format)
        with self._lock:  # close() needs the lock too, so the vocabulary stays valid
            if self._end:
                raise EngineError(self._end, permanent=False)
            prompt, sha256 = self._fitting(pieces), self._model.sha256
            opened = opened_by("".join(pieces), job.messages)
            begun = self._begun(pieces, prompt, opened, job.begun)
            answer = Answer(job, prompt, self._stop_tokens(job), sha256, opened, begun)
            self._arrived.append(answer)
        decoder.wake()
        return answer.generation

    def close(self) -> None:
        """End all answers and free all memory. Unfinished answers end with an error. Idempotent."""
        atexit.unregister(self.close)
        with self._lock:
            self._end = self._end or "The engine was closed before the answer was complete."
        decoder.wake()
        self._ended.wait()
        with self._lock:
            if not self._freed:
                self._freed = True
                self._context.close()
                self._model.close()

    # The decoding thread's side.

    def has_work(self) -> bool:
        begun = self._ready.is_set()
        return not begun or bool(self._end or self._arrived) or self._scheduler.has_work

    def turn(self) -> None:
        try:
            if not self._ready.is_set():
                self._warm_up()
            elif self._take_arrivals():
                self._scheduler.step()
            else:
                self._finish_all()
        except Exception:
            logger.exception("the engine of %s has failed", self.weights.name)
            self._end = "The engine has failed; its log says why."
            self._finish_all()

    def _open_context(self, hardware: Hardware) -> Context:
        try:
            return Context(self._model, slots=self.slots, context=self.context, hardware=hardware)
        except EngineError:
            self._model.close()
            raise

    def _warm_up(self) -> None:
        try:
            if not self._scheduler.warm_up():
                self._unfit = _unsound(self.weights)
        except EngineError as error:
            self._unfit = error
        except Exception:
            logger.exception("the engine of %s does not start", self.weights.name)
            sentence = f"{self.weights.name} loads, but does not run; the log says why."
            self._unfit = EngineError(sentence, permanent=True)
        self._ready.set()

    def _fitting(self, pieces: list[str]) -> list[int]:
        prompt = self._model.vocabulary.tokenise_prompt(*pieces)
        if not prompt:
            raise EngineError("The prompt is empty.", permanent=True, of_prompt=True)
        if len(prompt) >= self.context:
            raise EngineError(
                f"The conversation is {len(prompt):,} tokens long, but this model can hold "
                f"{self.context:,} including its answer. Shorten it, or start a new one.",
                permanent=True,
                of_prompt=True,
            )
        return prompt

    def _begun(self, pieces: list[str], prompt: list[int], opened: str, text: str) -> list[int]:
        """The tokens of the text that an answer has already, after thoughts without a word if the
        prompt opens some."""
        if not text:
            return []
        closing = [TAGS[opened]] if opened else []
        return self._fitting([*pieces, *closing, *self._model.said(text)])[len(prompt) :]

    def _stop_tokens(self, job: Job) -> frozenset[int]:
        vocabulary = self._model.vocabulary
        named = (vocabulary.control_token(stop) for stop in job.stop)
        return vocabulary.ends.union(token for token in named if token is not None)

    def _take_arrivals(self) -> bool:
        """Take the submitted answers. False if the engine has to end."""
        with self._lock:
            self._scheduler.waiting.extend(self._arrived)
            self._arrived.clear()
            return not self._end

    def _finish_all(self) -> None:
        # Whatever else fails, no reader may wait for ever.
        decoder.leave(self)
        try:
            with self._lock:
                self._scheduler.waiting.extend(self._arrived)
                self._arrived.clear()
            self._scheduler.abandon(self._end)
        finally:
            self._ended.set()


def _unsound(weights: Path) -> EngineError:
    return EngineError(
        f"{weights.name} loads, but computes nothing: every token is as likely as any other. It "
        "is damaged, or was made incorrectly. Download it again and compare its SHA-256.",
        permanent=True,
    )
