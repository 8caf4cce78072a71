"""What all models behind an API have in common: tasks that read their streams, in one thread."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from inference.engine import EngineError, FinishReason, Generation, Outcome
from inference.engine.jobs import State
from inference.engine.text import Cleaner
from inference.keys import scrub
from inference.requests import Endpoint, GenerateRequest, about_tokens

from . import Host
from .faults import is_of_prompt
from .loop import LoopThread

RETRIES = 3  # of requests answered by 429 or 5xx, with growing, random pauses; before any text
# The request itself is wrong, or not allowed: the same again would fail again.
PERMANENT = {400, 401, 403, 404, 405, 410, 413, 415, 422}
CLOSING_S = 2.0  # for a connection that is given up

Events = AbstractAsyncContextManager[AsyncIterable[Any]]


@dataclass
class Usage:
    """What the API says of an answer, mostly at its end; None until it does."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: FinishReason | None = None


class RemoteBackend(ABC):
    """One API. Subclasses know their library: how to ask, what it sends, how it fails.

    They keep their connections for all answers, as to open one takes longer than to ask, and hand
    over how to `disconnect`.
    """

    def __init__(self, host: Host, disconnect: Callable[[], Awaitable[None]]) -> None:
        # By key, as that is what an API limits.
        self.slots = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(host.remote_slots)
        )
        self._loop = LoopThread("remote answers", at_end=disconnect)

    @abstractmethod
    async def ask(self, request: GenerateRequest, endpoint: Endpoint) -> Events:
        """What the API sends, from its first event on. Raises EngineError if it sends nothing."""

    @abstractmethod
    def text_of(self, event: Any, usage: Usage) -> str:
        """The text of one event; what else it tells goes into `usage`."""

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
        self._cleaner = Cleaner()
        self._answering = False  # the API has begun to
        self._pieces = 0
        self._text = ""
        self._submitted = time.monotonic()
        self._asked: float | None = None
        self._first: float | None = None

    async def run(self) -> None:
        """Leaving the stream, for whatever reason, closes its connection."""
        try:
            async with asyncio.timeout(self._request.seconds_left), self._slot():
                self._asked = time.monotonic()
                reason = await self._read()
        except asyncio.CancelledError:
            self._finish(FinishReason.CANCELLED)
        except TimeoutError:
            self._finish(FinishReason.DEADLINE)
        except EngineError as error:
            self._fail(str(error), permanent=error.permanent, of_prompt=error.of_prompt)
        except Exception as error:
            self._fail(f"The API broke off: {type(error).__name__}: {error}")
        else:
            self._finish(reason)

    def _slot(self) -> asyncio.Semaphore:
        return self._backend.slots[self._endpoint.key_variable]

    async def _read(self) -> FinishReason:
        async with await self._backend.ask(self._request, self._endpoint) as events:
            async for event in events:
                self._answering = True
                if piece := self._cleaner.feed(self._backend.text_of(event, self._usage)):
                    self._write(piece)
        if self._usage.finish_reason is None:
            sentence = "The API broke off before the answer was complete."
            raise EngineError(sentence, permanent=False)
        if self._usage.finish_reason is FinishReason.FILTERED and not self._text.strip():
            raise EngineError("The API withheld its answer.", permanent=True, of_prompt=True)
        return self._usage.finish_reason

    def _write(self, piece: str) -> None:
        if self._first is None:
            self._first = time.monotonic()
            self._generation.advance(State.DECODING)
        self._pieces += 1
        self._text += piece
        self._generation.write(piece)

    def _fail(self, sentence: str, **fault: bool) -> None:
        self._finish(FinishReason.ERROR, scrub(sentence, self._endpoint), **fault)

    def _finish(
        self,
        reason: FinishReason,
        error: str = "",
        *,
        permanent: bool = False,
        of_prompt: bool = False,
    ) -> None:
        if last := self._cleaner.flush():
            self._write(last)
        now = time.monotonic()
        first = self._first
        prompt_tokens, tokens = self._count(reason)
        decoding = now - first if first else 0.0
        self._generation.finish(
            Outcome(
                finish_reason=reason,
                error=error,
                queued_s=(self._asked or now) - self._submitted,
                first_token_s=first - self._submitted if first else None,
                total_s=now - self._submitted,
                prompt_tokens=prompt_tokens,
                reused_tokens=0,
                completion_tokens=tokens,
                tokens_per_second=(tokens - 1) / decoding if tokens > 1 and decoding else 0.0,
                seed=0,
                permanent=permanent,
                of_prompt=of_prompt,
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
    return EngineError(
        f"{name} answered {status}: {sentence}",
        permanent=status in PERMANENT,
        of_prompt=is_of_prompt(status, sentence),
    )


def unreachable(name: str, error: Exception) -> EngineError:
    return EngineError(f"{name} could not be reached: {error}", permanent=False)
