"""What all models behind an API have in common: tasks that read their streams, in one thread."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from inference.engine import EngineError, FinishReason, Generation, Outcome
from inference.engine.jobs import State
from inference.keys import scrub
from inference.requests import Endpoint, GenerateRequest, about_tokens

from . import Host
from .loop import LoopThread

RETRIES = 3  # of requests answered by 429 or 5xx, with growing, random pauses; before any text
# The request itself is wrong, or not allowed: the same again would fail again.
PERMANENT = {400, 401, 403, 404, 405, 410, 413, 415, 422}
CLOSING_S = 2.0  # for a connection that is given up


@dataclass
class Usage:
    """What the API says of an answer, mostly at its end; None until it does."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: FinishReason | None = None


class RemoteBackend(ABC):
    """One API. Subclasses open a stream and know their library's errors."""

    def __init__(self, host: Host) -> None:
        self._loop = LoopThread("remote answers")

    @abstractmethod
    def stream(
        self, request: GenerateRequest, endpoint: Endpoint, usage: Usage
    ) -> AsyncGenerator[str, None]:
        """Yield the text as it comes and fill in `usage`. Raises EngineError."""

    @abstractmethod
    def describe(self, request: GenerateRequest) -> str: ...

    @contextmanager
    def generate(self, request: GenerateRequest) -> Iterator[Generation]:
        if request.endpoint is None:
            raise EngineError("This contestant has no endpoint.", permanent=True)
        generation = Generation()
        reader = _Reader(self, request, request.endpoint, generation)
        cancel = self._loop.begin(reader.run())
        generation.when_cancelled(cancel)
        try:
            yield generation
        finally:
            generation.cancel()  # if it is not finished, nobody reads it any more
            generation.wait(CLOSING_S)  # what it has cost is known then

    @property
    def occupied(self) -> dict[str, int]:
        return {}  # no weights here

    @property
    def tokens_per_second(self) -> float:
        return 0.0  # how busy somebody else's machine is, nobody here knows

    def close(self) -> None:
        self._loop.close()


class _Reader:
    """Reads one stream into one generation."""

    def __init__(
        self,
        backend: RemoteBackend,
        request: GenerateRequest,
        endpoint: Endpoint,
        generation: Generation,
    ) -> None:
        self._backend = backend
        self._request = request
        self._endpoint = endpoint
        self._generation = generation
        self._usage = Usage()
        self._answering = False  # the API has begun to
        self._pieces = 0
        self._text = ""
        self._begun = time.monotonic()
        self._first: float | None = None

    async def run(self) -> None:
        """Leaving the stream, for whatever reason, closes its connection."""
        try:
            async with asyncio.timeout(self._request.seconds_left):
                reason = await self._read()
        except asyncio.CancelledError:
            self._finish(FinishReason.CANCELLED)
        except TimeoutError:
            self._finish(FinishReason.DEADLINE)
        except EngineError as error:
            self._fail(str(error), permanent=error.permanent)
        except Exception as error:
            self._fail(f"The API's answer could not be read: {type(error).__name__}: {error}")
        else:
            self._finish(reason)

    async def _read(self) -> FinishReason:
        async with aclosing(
            self._backend.stream(self._request, self._endpoint, self._usage)
        ) as pieces:
            async for piece in pieces:
                self._answering = True
                if piece:
                    self._write(piece)
        if self._usage.finish_reason is None:
            sentence = "The API broke off before the answer was complete."
            raise EngineError(sentence, permanent=False)
        return self._usage.finish_reason

    def _write(self, piece: str) -> None:
        if self._first is None:
            self._first = time.monotonic()
            self._generation.advance(State.DECODING)
        self._pieces += 1
        self._text += piece
        self._generation.write(piece)

    def _fail(self, sentence: str, *, permanent: bool = False) -> None:
        self._finish(FinishReason.ERROR, scrub(sentence, self._endpoint), permanent)

    def _finish(self, reason: FinishReason, error: str = "", permanent: bool = False) -> None:
        now = time.monotonic()
        first = self._first
        prompt_tokens, tokens = self._count(reason)
        decoding = now - first if first else 0.0
        self._generation.finish(
            Outcome(
                finish_reason=reason,
                error=error,
                queued_s=0.0,
                first_token_s=first - self._begun if first else None,
                total_s=now - self._begun,
                prompt_tokens=prompt_tokens,
                reused_tokens=0,
                completion_tokens=tokens,
                tokens_per_second=(tokens - 1) / decoding if tokens > 1 and decoding else 0.0,
                seed=0,
                permanent=permanent,
            )
        )

    def _count(self, reason: FinishReason) -> tuple[int, int]:
        """Tokens of the prompt and of the answer, estimated where the API has not counted them. A
        request that it refused or never got has none."""
        if reason is FinishReason.ERROR and not self._answering:
            return 0, 0
        prompt, answered = self._usage.prompt_tokens, self._usage.completion_tokens
        return (
            self._request.prompt_estimate if prompt is None else prompt,
            self._answered_estimate() if answered is None else answered,
        )

    def _answered_estimate(self) -> int:
        """Most servers send a token a piece; those that send more show it by its length."""
        by_length = about_tokens(self._text)
        return self._pieces if by_length < 2 * self._pieces else by_length


def refused(name: str, status: int, sentence: str) -> EngineError:
    """An HTTP error as ours: permanent or not."""
    return EngineError(f"{name} answered {status}: {sentence}", permanent=status in PERMANENT)


def unreachable(name: str, error: Exception) -> EngineError:
    return EngineError(f"{name} could not be reached: {error}", permanent=False)
