"""Reads the answer of an API to one request, adapting the request to what the API accepts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from inference.contract.endings import FinishReason
from inference.contract.errors import EngineError
from inference.contract.keys import key_of, scrub
from inference.contract.limits import REPLIES
from inference.contract.requests import Endpoint, GenerateRequest
from inference.engine import Generation, Outcome
from inference.text.thoughts import ENDS, no_answer

from .amounts import Tokens, tokens_of
from .events import Body, BrokenOff, events
from .hearing import Hearing
from .replies import Told
from .terms import REFUSALS, Terms
from .wire import Call, Refused

if TYPE_CHECKING:
    from .remote import RemoteBackend

ASKED_AT_MOST = 12  # calls at most, each in other terms
LAST_S = 2.0  # for trailing events, such as usage, after the end of an answer
UNMARKED = "<think>"  # closing tags without an opening one always belong to this tag

logger = logging.getLogger(__name__)


class NewTerms(Exception):
    """The response so far shows that the call has to be repeated in other terms."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms


class Reader:
    """Reads one answer into one generation."""

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
        self._terms = backend.terms(request, endpoint)
        self._told = Told(request)
        self._hearing = Hearing(request, generation)
        self._answering = False  # whether the API has begun to answer
        self._in_vain = (0, 0)  # tokens of prompts and answers of repeated calls
        self._submitted = time.monotonic()
        self._asked: float | None = None

    async def run(self) -> None:
        """Read the answer. Leaving the stream for any reason closes its connection."""
        try:
            async with self._slot(), asyncio.timeout(self._request.deadline_s):
                self._asked = time.monotonic()
                reason = await self._answer()
        except asyncio.CancelledError:
            self._finish(FinishReason.CANCELLED)
        except TimeoutError:
            self._finish(FinishReason.DEADLINE if self._asked else FinishReason.OVERDUE)
        except Refused as refusal:
            self._fail(refusal.error)
        except EngineError as error:
            self._fail(error)
        except Exception as error:
            logger.exception("an answer of %s failed", self._endpoint.model)
            sentence = f"The API stopped early: {type(error).__name__}: {error}"
            self._fail(EngineError(sentence, permanent=False))
        else:
            self._finish(reason)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Wait for a slot. Raises TimeoutError if none is free in time."""
        slots = self._backend.slots[self._endpoint.key_variable]
        async with asyncio.timeout(self._request.patience_left):
            await slots.acquire(self._request.client)
        try:
            yield
        finally:
            slots.release(self._request.client)

    async def _answer(self) -> FinishReason:
        """Call the API in the remembered terms; if it rejects them, in others."""
        url = self._backend.url(self._endpoint)
        key = key_of(self._endpoint, url)
        first: Refused | None = None
        for _ in range(ASKED_AT_MOST):
            call = self._call(url, key)
            try:
                return await self._read(call, key)
            except Refused as refusal:
                first = first or refusal
                terms = self._after(refusal, call)
                if terms is None:
                    raise first from refusal
                self._terms = terms
            except NewTerms as new:
                self._again(new.terms)
        raise first or EngineError(
            "The API accepts none of the known ways of asking.", permanent=True
        )

    def _call(self, url: str, key: str) -> Call:
        most = self._request.max_tokens + self._request.max_thought_tokens
        return Call(
            who=self._backend.who,
            url=url,
            headers=self._backend.headers(key),
            body=self._backend.body(self._request, self._endpoint, self._terms),
            timeout_s=self._endpoint.timeout_s,
            most_bytes=REPLIES.spare_bytes + most * REPLIES.frame_bytes,
            ends=(self._asked or self._submitted) + self._request.deadline_s,
        )

    def _after(self, refusal: Refused, call: Call) -> Terms | None:
        if refusal.error.of_prompt:  # or because the limit included room for thoughts?
            return self._terms.without_room(refusal.text)
        if refusal.status not in REFUSALS:
            return None
        return self._terms.after(refusal.text, call.body, refusal.status)

    def _again(self, terms: Terms) -> None:
        """Repeat the call. The text so far is discarded, but its tokens are charged."""
        spent, before = self._tokens(), self._in_vain
        self._in_vain = before[0] + spent.prompt, before[1] + spent.answer + spent.thoughts
        self._terms = terms
        self._backend.remember(self._endpoint, terms)
        self._generation.forget_thoughts()

    async def _read(self, call: Call, key: str) -> FinishReason:
        self._told = Told(self._request)
        opened = UNMARKED if self._terms.opens_inside else ""
        self._hearing = Hearing(self._request, self._generation, key, opened)

        def is_final(refusal: Refused) -> bool:
            return self._after(refusal, call) is not None

        self._answering = False
        async with self._backend.wire.post(call, is_final) as body:
            self._answering = True
            try:
                reason = await self._listen(body)
            except (BrokenOff, httpx.HTTPError) as error:
                if self._told.finish_reason is None:
                    raise self._broken_off(error, body) from error
                reason = self._told.finish_reason
        self._hearing.end(cut=reason is FinishReason.LENGTH)
        return self._judged(reason)

    async def _listen(self, body: Body) -> FinishReason:
        told = self._told
        try:
            async with asyncio.timeout(None) as last:
                async for event in events(body):
                    for part in self._backend.parts(event, told):
                        if reason := self._hearing.take(part):
                            return reason
                        self._check_terms()
                    if told.failure:
                        raise self._failure()
                    if told.finish_reason is not None and last.when() is None:
                        last.reschedule(asyncio.get_running_loop().time() + LAST_S)
        except TimeoutError:
            if told.finish_reason is None:
                raise
        if told.finish_reason is None:
            raise BrokenOff("before the answer was complete")
        return told.finish_reason

    def _check_terms(self) -> None:
        """Check with each part whether the terms of the call suit this model."""
        hearing, terms = self._hearing, self._terms
        if hearing.speech.closed_unopened:
            self._backend.remember(self._endpoint, replace(terms, opens_inside=True, thinks=True))
            raise EngineError(
                "Its answer began with unmarked thoughts. From now on they stay hidden.",
                permanent=False,
            )
        if hearing.thought and hearing.is_empty and not terms.thinks:
            if terms.limit:
                raise NewTerms(replace(terms, thinks=True))
            self._terms = replace(terms, thinks=True)

    def _judged(self, reason: FinishReason) -> FinishReason:
        """Check that the text can stand as an answer. Returns its finish reason."""
        terms, empty = self._terms, self._hearing.is_empty
        if empty and reason is FinishReason.FILTERED:
            raise EngineError("The API withheld its answer.", permanent=True, of_prompt=True)
        if empty and reason is FinishReason.LENGTH and not terms.thinks and terms.limit:
            raise NewTerms(replace(terms, thinks=True))  # though it sent no thoughts
        if terms.opens_inside and not self._hearing.thought:
            terms = replace(terms, opens_inside=False)
        if self._told.usage.thought_tokens:
            terms = replace(terms, thinks=True)
        self._backend.remember(self._endpoint, terms)
        return reason

    def _failure(self) -> Exception:
        """An error event: inside an answer an EngineError, before any text a refusal."""
        if self._hearing.is_empty and not self._hearing.thought:
            return Refused(self._backend.who, 200, self._told.failure)
        return EngineError(f"The API stopped early: {self._told.failure}", permanent=False)

    def _broken_off(self, error: Exception, body: Body) -> EngineError:
        """The error for a broken answer, with the beginning of the response for debugging."""
        why = str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            why = f"it was silent for {self._endpoint.timeout_s:g} seconds"
        came = scrub(str(body), self._endpoint)[:300]
        return EngineError(f"The API stopped early: {why}. It had answered {came}", permanent=False)

    def _fail(self, error: EngineError) -> None:
        sentence = scrub(str(error), self._endpoint)
        fault = EngineError(sentence, permanent=error.permanent, of_prompt=error.of_prompt)
        self._finish(FinishReason.ERROR, fault)

    def _finish(self, reason: FinishReason, fault: EngineError | None = None) -> None:
        hearing, now = self._hearing, time.monotonic()
        hearing.end()
        tokens = self._tokens()
        request, thinks = self._request, hearing.thought or self._terms.thinks
        if reason in ENDS and hearing.is_empty and thinks:
            limit = request.max_thought_tokens
            sentence = no_answer(reason, tokens.thoughts, limit, request.deadline_s)
            reason, fault = FinishReason.ERROR, EngineError(sentence, permanent=True)
        first = hearing.first
        decoding = now - first if first else 0.0
        speed = (tokens.answer - 1) / decoding if tokens.answer > 1 and decoding else 0.0
        self._generation.finish(
            Outcome(
                finish_reason=reason,
                error=str(fault or ""),
                queued_s=(self._asked or now) - self._submitted,
                first_token_s=first - self._submitted if first else None,
                total_s=now - self._submitted,
                prompt_tokens=tokens.prompt,
                reused_tokens=0,
                completion_tokens=tokens.answer,
                tokens_per_second=speed,
                seed=0,
                thought_tokens=tokens.thoughts,
                vain_prompt_tokens=self._in_vain[0],
                vain_tokens=self._in_vain[1],
                permanent=fault is not None and fault.permanent,
                of_prompt=fault is not None and fault.of_prompt,
                reports_usage=self._told.usage.is_complete,
            )
        )

    def _tokens(self) -> Tokens:
        """The tokens of the last call; none if the API rejected or never received it."""
        if not self._answering:
            return Tokens(0, 0, 0)
        hearing = self._hearing
        return tokens_of(self._request, self._told.usage, hearing.answer, hearing.thoughts)
