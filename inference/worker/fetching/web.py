"""GET requests whose every redirect is checked before it is followed."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpx

from inference.contract.errors import EngineError
from inference.contract.limits import ASKING, FETCHING

from .. import addresses
from ..network import why
from .deadline import Connections

REFUSAL_BYTES = 1 << 16  # of an error's body that are read
AGAIN = {408, 425, 429, 500, 502, 503, 504}
_LEFT = re.compile(r"\bt=(\d+)")  # seconds until the hub's rate limit is reset
_PAUSE_S = 0.5  # before the first retry; doubled each time


class Web:
    """Connections for downloads. `is_ours`: to the site itself, wherever it is."""

    def __init__(self, *, is_ours: bool = False, silence_s: float = FETCHING.silence_s) -> None:
        self._is_ours = is_ours
        self._silence_s = silence_s
        self.connections = Connections()
        self._client = httpx.Client(
            follow_redirects=False, timeout=silence_s, mounts=dict.fromkeys(addresses.DIRECT)
        )

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def get(
        self, url: str, headers: Mapping[str, str] = {}, *, method: str = "GET"
    ) -> Iterator[httpx.Response]:
        """The response after all redirects, its body unread. Raises EngineError for an address that
        may not be asked, or cannot be reached."""
        came_from, first = "", url
        for _ in range(FETCHING.redirects):
            if not self._is_ours:
                addresses.check(url, came_from)
            with self._asked(method, url, came_from, headers) as response:
                target = response.headers.get("location")
                if not (response.is_redirect and target):
                    yield response
                    return
            came_from, url = url, urljoin(url, target)
        raise EngineError(f"{first} redirects too often.", permanent=True)

    @contextmanager
    def _asked(
        self, method: str, url: str, came_from: str, headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        token = "" if self._is_ours else addresses.token_for(url)
        said = {
            "accept-encoding": "identity",
            **({"authorization": f"Bearer {token}"} if token else {}),
            **headers,
        }
        try:
            with ExitStack() as until_read:
                with self.connections.within(self._silence_s):  # of all headers
                    response = until_read.enter_context(
                        self._client.stream(
                            method,
                            url,
                            headers=said,
                            extensions={"trace": self._trace(url, came_from)},
                        )
                    )
                yield response
        except httpx.TimeoutException as error:
            raise EngineError(f"{_host(url)} was silent for too long.", permanent=False) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            sentence = f"The connection to {_host(url)} failed: {why(error)}."
            raise EngineError(sentence, permanent=False) from error

    def _trace(self, url: str, came_from: str) -> addresses.Trace:
        """Checks the address of a new connection before anything is sent through it."""
        if self._is_ours:
            return self.connections.heard
        return self.connections.and_(addresses.watching(url, came_from))


def body_of(response: httpx.Response) -> str:
    """The beginning of an error's text, as far as it comes in time."""
    body, until = b"", time.monotonic() + ASKING.answer_s
    try:
        for block in response.iter_raw():
            body += block
            if len(body) > REFUSAL_BYTES or time.monotonic() > until:
                break
    except httpx.HTTPError:
        pass
    return body[:REFUSAL_BYTES].decode(errors="replace")


def pause_of(response: httpx.Response) -> float | None:
    """Seconds to wait, as the server asks; None if it does not say."""
    asked = response.headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except ValueError:
        pass
    left = _LEFT.search(response.headers.get("ratelimit", ""))
    return float(left[1]) if left else None


def backoff(failures: int) -> float:
    """Seconds before retry number `failures`."""
    pause: float = min(20.0, _PAUSE_S * 2 ** (failures - 1)) * random.uniform(0.75, 1.25)
    return pause


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return url[:100]
