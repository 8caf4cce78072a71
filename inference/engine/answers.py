"""One answer in the making: what the engine knows and counts of it."""

from __future__ import annotations

import secrets
import time

from .generation import Generation
from .jobs import SEED_MAX, FinishReason, Job, Outcome, State
from .text import TextAssembler


class Answer:
    """A job with its prompt's tokens, its clock, its text, and the reader's end of it."""

    def __init__(
        self, job: Job, prompt: list[int], stop_tokens: frozenset[int], weights_sha256: str
    ) -> None:
        self.job = job
        self.prompt = prompt
        self.generation = Generation()
        seed = job.sampling.seed
        self.seed = secrets.randbelow(SEED_MAX + 1) if seed is None else seed
        self.reused_tokens = 0
        self.completion_tokens = 0
        self._stop_tokens = stop_tokens
        self._weights_sha256 = weights_sha256
        self._text = TextAssembler(job.stop)
        self._submitted = time.monotonic()
        self._started: float | None = None
        self._first_token: float | None = None
        self._last_token: float | None = None

    @property
    def repeatable(self) -> bool:
        """Whether the same job, decoded alone, has to give the same text again."""
        return self.job.sampling.seed is not None

    def start(self, reused_tokens: int) -> None:
        self._started = time.monotonic()
        self.reused_tokens = reused_tokens
        self.generation.advance(State.PREFILLING)

    def unwanted(self) -> FinishReason | None:
        """Why to end it without another token, if there is a reason."""
        if self.generation.cancelled:
            return FinishReason.CANCELLED
        if time.monotonic() - self._submitted >= self.job.deadline_s:
            return FinishReason.DEADLINE
        return None

    def take(self, token: int, piece: bytes) -> FinishReason | None:
        """Count a token, pass its text on, and tell whether it was the last, and why."""
        self._tick()
        if token in self._stop_tokens:
            return FinishReason.STOP
        self.completion_tokens += 1
        self._write(self._text.feed(piece))
        if self._text.stopped:
            return FinishReason.STOP
        if self.completion_tokens >= self.job.max_tokens:
            return FinishReason.LENGTH
        return None

    def finish(self, reason: FinishReason, error: str = "") -> None:
        self._write(self._text.flush())
        self.generation.finish(self._outcome(reason, error))

    def _tick(self) -> None:
        self._last_token = time.monotonic()
        if self._first_token is None:
            self._first_token = self._last_token
            self.generation.advance(State.DECODING)

    def _write(self, text: str) -> None:
        if text:
            self.generation.write(text)

    def _outcome(self, reason: FinishReason, error: str) -> Outcome:
        now = time.monotonic()
        first = self._first_token
        return Outcome(
            finish_reason=reason,
            error=error,
            queued_s=(now if self._started is None else self._started) - self._submitted,
            first_token_s=None if first is None else first - self._submitted,
            total_s=now - self._submitted,
            prompt_tokens=len(self.prompt),
            reused_tokens=self.reused_tokens,
            completion_tokens=self.completion_tokens,
            tokens_per_second=self._tokens_per_second(),
            seed=self.seed,
            weights_sha256=self._weights_sha256,
        )

    def _tokens_per_second(self) -> float:
        if self._first_token is None or self._last_token is None or self.completion_tokens < 2:
            return 0.0
        return (self.completion_tokens - 1) / max(self._last_token - self._first_token, 1e-9)
