"""What a request may send: how much, by its address, and for how long. Django reads the whole body,
into a file if it is larger than any form, before any of our code sees the request."""

from __future__ import annotations

import asyncio
import codecs
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.http import parse_header_parameters

from arena.limiting.addresses import prefix_in

from .large_bodies import Take, place
from .limits import REQUESTS
from .web_life import Application, Receive, Send

FOR_FILES = "/admin/"  # below this, whoever is signed in may send files
TOO_LARGE = "This is more than may be sent to this address.\n"
NOT_UTF8 = "Please send UTF-8.\n"
NO_ADDRESS = "There can be no such address.\n"
TOO_SLOW = "The rest did not arrive in time. Please send it again.\n"


class TooLarge(Exception):
    pass


def bounded(application: Application) -> Application:
    """Wrap `application` so that bodies are refused that are too large or too slow, and texts in
    other encodings than UTF-8: Django would break off in the middle of the page that says so, or
    over any page if it cannot read the header."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:  # no table could keep it
            return await _say(send, 400, NO_ADDRESS)
        if not _is_utf8(headers):
            return await _say(send, 415, NOT_UTF8)
        length = _length(headers)
        if length > REQUESTS.body_bytes or b"content-length" not in headers:
            is_file = await _may_send_files(scope["path"], headers)
        else:
            is_file = False
        async with place(prefix_in(scope)) as take:
            body = Body(receive, length, None if is_file else take)
            try:
                if length > body.most:
                    raise TooLarge
                await application(scope, body.receive, send)
            except TooLarge:
                await _say(send, 413, TOO_LARGE)
            except TimeoutError:
                if body.has_ended:  # not about the body
                    raise
                await _say(send, 408, TOO_SLOW)

    return answer


class Body:
    """Counts what arrives, and takes a place if that is much. Raises TooLarge, TimeoutError."""

    def __init__(self, receive: Receive, length: int, take: Take | None) -> None:
        """`take`: None for files, of which little is in memory."""
        self.most = REQUESTS.body_bytes if take else REQUESTS.file_bytes
        within_s = REQUESTS.body_s if take else REQUESTS.file_s
        self._receive, self._length, self._take = receive, length, take
        self._arrived = 0
        self._until = asyncio.get_running_loop().time() + within_s
        self.has_ended = False

    async def receive(self) -> dict[str, Any]:
        if self.has_ended:
            return await self._receive()
        async with asyncio.timeout_at(self._until):
            if self._take and max(self._length, self._arrived) > REQUESTS.small_bytes:
                await self._take()
            message = await self._receive()
        self._arrived += len(message.get("body", b""))
        if self._arrived > self.most:
            raise TooLarge
        self.has_ended = not message.get("more_body", False)
        return message


def _is_utf8(headers: dict[bytes, bytes]) -> bool:
    """By this very name, which Django looks for. One that is no encoding it takes for none."""
    try:
        _, said = parse_header_parameters(headers.get(b"content-type", b"").decode("latin-1"))
    except (LookupError, ValueError):
        return False
    encoding = said.get("charset", "utf-8").lower()
    try:
        return encoding == "utf-8" or not codecs.lookup(encoding)
    except (LookupError, ValueError):
        return True


def _length(headers: dict[bytes, bytes]) -> int:
    """As declared, which the server has checked; 0 if it is not."""
    declared = headers.get(b"content-length", b"")
    return int(declared) if declared.isdigit() else 0


async def _may_send_files(path: str, headers: dict[bytes, bytes]) -> bool:
    if not path.startswith(FOR_FILES):
        return False
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return False
    if (cookie := cookies.get(settings.SESSION_COOKIE_NAME)) is None:
        return False
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie.value)
    return await session.aget("_auth_user_id") is not None


async def _say(send: Send, status: int, sentence: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
