"""HTTP calls to APIs: retried where that makes sense, and sent only to the host that was named."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from inference.contract.errors import EngineError
from inference.contract.limits import REPLIES

from .. import addresses
from ..network import why
from .events import Body, BrokenOff
from .faults import is_of_prompt

RETRIES = 3  # after a 429 or 5xx and before any text, with backoff and jitter
AGAIN = {408, 409, 425, 429}
# The call itself is invalid or forbidden: a retry would fail again.
PERMANENT = {400, 401, 403, 404, 405, 410, 413, 415, 422}
PAUSE_S = 0.5  # before the first retry; doubled each time
LONGEST_PAUSE_S = 20.0


@dataclass(frozen=True)
class Call:
    """A call. `who` names the API in error messages."""

    who: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any]
    timeout_s: float  # of silence
    most_bytes: int  # of the response
    ends: float = math.inf  # on the monotonic clock: when nobody waits for it any more

    def is_worth(self, pause: float) -> bool:
        """Whether there is time to call again after a pause."""
        return pause <= LONGEST_PAUSE_S and time.monotonic() + pause < self.ends


class Refused(Exception):
    """The API rejected the call. `text` is its whole response, `error` the message for people."""

    def __init__(self, who: str, status: int, text: str) -> None:
        self.status = status
        self.text = text
        did = "The API stopped early" if status == 200 else f"{who} answered {status}"
        self.error = EngineError(
            f"{did}: {told(text)}",
            permanent=status in PERMANENT,
            of_prompt=is_of_prompt(status, text),
        )
        super().__init__(str(self.error))


class Wire:
    """Connections to any number of APIs, kept alive: opening one takes longer than a call."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(
            follow_redirects=False,  # a key is sent only to the host it was given for
            limits=httpx.Limits(max_connections=1000, max_keepalive_connections=100),
            mounts=dict.fromkeys(addresses.DIRECT),
        )

    async def close(self) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def post(self, call: Call, is_final: Callable[[Refused], bool]) -> AsyncIterator[Body]:
        """The body of a 200 response. Raises Refused, without a retry if it `is_final`; EngineError
        if the API cannot be reached."""
        for attempt in range(RETRIES + 1):
            last = attempt == RETRIES
            try:
                response = await self._send(call)
            except httpx.TransportError as error:
                pause = _pause(attempt, None)
                if last or isinstance(error, httpx.ReadTimeout) or not call.is_worth(pause):
                    raise unreachable(call.who, error, call.timeout_s) from error
                await asyncio.sleep(pause)
                continue
            try:
                if response.status_code == 200:
                    yield Body(response, call.most_bytes)
                    return
                refusal = await _refusal(call, response)
            finally:
                await response.aclose()
            pause = _pause(attempt, response)
            again = _worthwhile(response.status_code) and not is_final(refusal)
            if last or not again or not call.is_worth(pause):
                raise refusal
            await asyncio.sleep(pause)

    async def _send(self, call: Call) -> httpx.Response:
        # ASCII only, so that lone surrogates in the messages cause no encoding error.
        content = json.dumps(call.body).encode()
        headers = {
            "content-type": "application/json",
            "accept": "text/event-stream, application/json",
            "accept-encoding": "identity",
            **call.headers,
        }
        request = self._client.build_request(
            "POST", call.url, content=content, headers=headers, timeout=call.timeout_s,
            extensions={"trace": addresses.watching_async(call.url)},
        )  # fmt: skip
        return await self._client.send(request, stream=True)


def unreachable(who: str, error: Exception, timeout_s: float) -> EngineError:
    if isinstance(error, httpx.TimeoutException):
        return EngineError(f"{who} was silent for {timeout_s:g} seconds.", permanent=False)
    return EngineError(f"{who} could not be reached: {why(error)}.", permanent=False)


async def _refusal(call: Call, response: httpx.Response) -> Refused:
    """The refusal in a response. Raises EngineError for a redirect, which is not followed."""
    if response.is_redirect:
        raise EngineError(
            f"{call.who} answered {response.status_code}: it has moved to "
            f"{response.headers.get('location', 'another address')}. Set that as the contestant's "
            "base URL.",
            permanent=True,
        )
    body = Body(response, REPLIES.refusal_bytes)
    try:
        text = b"\n".join([line async for line in body.lines()]).decode(errors="replace")
    except (BrokenOff, httpx.HTTPError):
        text = body.head.decode(errors="replace")
    return Refused(call.who, response.status_code, text)


def _worthwhile(status: int) -> bool:
    """Whether a retry may succeed soon."""
    return status in AGAIN or (status >= 500 and status != 501)


def _pause(attempt: int, response: httpx.Response | None) -> float:
    """Seconds until the retry: as the API asks, otherwise exponential backoff with jitter."""
    asked = None if response is None else _asked_pause(response.headers)
    return PAUSE_S * 2**attempt * random.uniform(0.75, 1.25) if asked is None else asked


def _asked_pause(headers: httpx.Headers) -> float | None:
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        said = headers.get(name, "")
        try:
            return max(0.0, float(said) * unit)
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
        except ValueError:
            pass
    return None


def told(text: str) -> str:
    """The message in an API's response, or the beginning of its text."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    return " ".join((message_of(said) or text).split())[:500] or "nothing"


def message_of(said: object) -> str:
    """The message in any of the usual forms of an error; "" if there is none."""
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return "; ".join(filter(None, map(message_of, said)))
    if isinstance(said, dict):
        found = (message_of(said.get(name)) for name in ("error", "message", "detail", "msg"))
        return next(filter(None, found), "")
    return ""
