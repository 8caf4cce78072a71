"""One answer in the making: the state that the engine keeps of it."""

from __future__ import annotations

import codecs
import secrets
import time
from collections.abc import Sequence

from ..contract.endings import FinishReason
from ..contract.sampling import SEED_MAX
from ..text.thoughts import ENDS, Said, Thoughts, no_answer
from .generation import Generation
from .jobs import Job, Outcome, State
from .speech import Speech


class Answer:
    """A job with its prompt's tokens, its times, its text, and the generation its reader reads."""

    def __init__(
        self,
        job: Job,
        prompt: list[int],
        stop_tokens: frozenset[int],
        weights_sha256: str,
        opened: str = "",
        begun: Sequence[int] = (),
    ) -> None:
        self.job = job
        self.prompt = [*prompt, *begun]
        self._begun = len(begun)
        self.generation = Generation()
        seed = job.sampling.seed
        self.seed = secrets.randbelow(SEED_MAX + 1) if seed is None else seed
        self.reused_tokens = 0
        self.tokens = 0
        self.thought_tokens = 0  # of these tokens
        self._stop_tokens = stop_tokens
        self._weights_sha256 = weights_sha256
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._speech = Speech(job.stop, thoughts=Thoughts("" if begun else opened))
        self._submitted = time.monotonic()
        self._started: float | None = None
        self._first_token: float | None = None
        self._first_word: float | None = None
        self._last_token: float | None = None
        if begun:
            self._pass_on(self._speech.feed(job.begun))

    @property
    def repeatable(self) -> bool:
        """Whether the same job, decoded alone, has to yield the same text."""
        return self.job.sampling.seed is not None

    def start(self, reused_tokens: int) -> None:
        self._started = time.monotonic()
        self.reused_tokens = reused_tokens
        self.generation.advance(State.PREFILLING)

    def unwanted(self) -> FinishReason | None:
        """The reason to end it before the next step; None if there is none."""
        if self.generation.cancelled:
            return FinishReason.CANCELLED
        now = time.monotonic()
        if self._started is None:
            overdue = now - self._submitted >= self.job.patience_s
            return FinishReason.OVERDUE if overdue else None
        return FinishReason.DEADLINE if now - self._started >= self.job.deadline_s else None

    def take(self, token: int, piece: bytes, mark: bytes = b"") -> FinishReason | None:
        """Count a token and pass its text on. Returns the finish reason if it was the last. `mark`
        is the text of a control token that may begin or end thoughts."""
        self._tick()
        if token in self._stop_tokens:
            return FinishReason.STOP
        self.tokens += 1
        speech = self._speech
        said = speech.feed(self._decoder.decode(piece if speech.answering else piece or mark))
        if speech.thinking:
            self.thought_tokens = self.tokens
        self._pass_on(said)
        if speech.stopped:
            return FinishReason.STOP
        return FinishReason.LENGTH if self._is_full else None

    def finish(self, reason: FinishReason, error: str = "") -> None:
        # An incomplete character at the end is dropped.
        self._pass_on(self._speech.flush())
        permanent = False
        if reason in ENDS and self._speech.thought and self._speech.is_empty:
            job = self.job
            error = no_answer(reason, self.thought_tokens, job.max_thought_tokens, job.deadline_s)
            reason, permanent = FinishReason.ERROR, True
        self.generation.finish(self._outcome(reason, error, permanent))

    @property
    def completion_tokens(self) -> int:
        return self._begun + self.tokens - self.thought_tokens

    @property
    def _is_full(self) -> bool:
        job = self.job
        if self._speech.thoughts_are_open:
            return self.thought_tokens >= job.max_thought_tokens
        if self._speech.thinking:  # the thoughts have ended, but the answer has not begun
            return self.thought_tokens >= job.max_thought_tokens + job.max_tokens
        return self.completion_tokens >= job.max_tokens

    def _tick(self) -> None:
        self._last_token = time.monotonic()
        if self._first_token is None:
            self._first_token = self._last_token
            self.generation.advance(State.DECODING)

    def _pass_on(self, said: Said) -> None:
        if said.thoughts:
            self.generation.think(said.thoughts)
        if said.answer:
            self._first_word = self._first_word or time.monotonic()
            self.generation.write(said.answer)

    def _outcome(self, reason: FinishReason, error: str, permanent: bool) -> Outcome:
        now = time.monotonic()
        first = self._first_word if self._speech.thought else self._first_token
        return Outcome(
            finish_reason=reason,
            error=error,
            queued_s=(now if self._started is None else self._started) - self._submitted,
            first_token_s=None if first is None else first - self._submitted,
            total_s=now - self._submitted,
            prompt_tokens=len(self.prompt) - self._begun,
            reused_tokens=self.reused_tokens,
            completion_tokens=self.completion_tokens,
            tokens_per_second=self._tokens_per_second(),
            seed=self.seed,
            thought_tokens=self.thought_tokens,
            permanent=permanent,
            weights_sha256=self._weights_sha256,
        )

    def _tokens_per_second(self) -> float:
        if self._first_token is None or self._last_token is None or self.tokens < 2:
            return 0.0
        return (self.tokens - 1) / max(self._last_token - self._first_token, 1e-9)
