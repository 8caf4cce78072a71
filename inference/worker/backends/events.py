"""Parses an API's response into events: server-sent events, lines of JSON, or one whole answer.

The format is detected from the beginning of the body, not from the headers. Everything is bounded:
the body, each event, and the data decompressed at a time.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from inference.contract.limits import REPLIES

Event = dict[str, Any]

HEAD = 2_000  # bytes of the beginning kept for error messages
DONE: Event = {"done": True}  # the stream was marked as complete
_UNPACK = 1 << 16
_FIELD = re.compile(rb":|(?:data|event|id|retry)(?::|$)")


class BrokenOff(Exception):
    """An answer is malformed or ends too early. The message says why, but not whose it is."""


class Body:
    """The decompressed body of a response; keeps its beginning for error messages."""

    def __init__(self, response: httpx.Response, most: int) -> None:
        self._response = response
        self._most = most
        self.length = 0
        self.head = b""

    def __str__(self) -> str:
        """The status and the beginning of the body, for debugging."""
        kind = self._response.headers.get("content-type", "").partition(";")[0].strip()
        came = f"{self._response.status_code} {kind}".strip()
        words = " ".join(self.head.decode(errors="replace").split())
        return f"{came}, beginning: {words}" if words else f"{came} with an empty body"

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines without line ends. Raises BrokenOff if a limit is exceeded."""
        pending, length = [b""], 0
        async for chunk in self._chunks():
            first, *others = chunk.split(b"\n")
            pending.append(first)
            length += len(first)
            for piece in others:
                yield b"".join(pending).removesuffix(b"\r")
                pending, length = [piece], len(piece)
            if length > REPLIES.event_bytes:
                raise BrokenOff(f"one event has more than {REPLIES.event_bytes:,} bytes")
        yield b"".join(pending).removesuffix(b"\r")

    async def _chunks(self) -> AsyncIterator[bytes]:
        unpack = _unpacker(self._response.headers.get("content-encoding", ""))
        async for packed in self._response.aiter_raw():
            for chunk in unpack(packed):
                self.length += len(chunk)
                if len(self.head) < HEAD:
                    self.head = (self.head + chunk)[:HEAD]
                if self.length > self._most:
                    raise BrokenOff(f"it sent more than {self._most:,} bytes")
                yield chunk


async def events(body: Body) -> AsyncIterator[Event]:
    """The events of a body. Raises BrokenOff for anything malformed."""
    lines = body.lines()
    async for line in lines:
        first = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not first:
            continue
        if first[:1] in b"{[":
            async for event in _json_events(first, lines):
                yield event
        elif _FIELD.match(first):
            async for event in _sent_events(first, lines):
                yield event
        else:
            raise BrokenOff("that is not an answer")


async def _sent_events(first: bytes, lines: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    fields = _Fields()
    fields.take(first)
    async for line in lines:
        if line:
            fields.take(line)
        elif event := fields.event():
            yield event
    if event := fields.event():  # the last event may lack its blank line
        yield event


class _Fields:
    """The lines of one event."""

    def __init__(self) -> None:
        self._name = b""
        self._data: list[bytes] = []
        self._length = 0

    def take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._name = value.strip()
        elif name == b"data":
            self._data.append(value)
            self._length += len(value)
            if self._length > REPLIES.event_bytes:
                raise BrokenOff(f"one event has more than {REPLIES.event_bytes:,} bytes")

    def event(self) -> Event | None:
        """The event; None if there were only comments or no data."""
        name, data = self._name, b"\n".join(self._data).strip()
        self._name, self._data, self._length = b"", [], 0
        if not data:
            return None
        if data == b"[DONE]":
            return DONE
        event = _parsed(data)
        if event is None:
            raise BrokenOff(f"an event is not a JSON object: {data[:200].decode(errors='replace')}")
        return {"error": event.get("error", event)} if name == b"error" else event


async def _json_events(first: bytes, lines: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """One object over all lines, or one object per line."""
    found, length = [first], len(first)
    async for line in lines:
        found.append(line)
        length += len(line)
        if length > REPLIES.event_bytes:
            raise BrokenOff(f"its answer has more than {REPLIES.event_bytes:,} bytes")
    if (whole := _parsed(b"\n".join(found))) is not None:
        yield whole
        yield DONE
        return
    for line in filter(bytes.strip, found):
        if (event := _parsed(line)) is None:
            raise BrokenOff("that is not a JSON object")
        yield event


def _parsed(data: bytes) -> Event | None:
    try:
        event = json.loads(data.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


class _Unpacker:
    """Decompresses gzip or deflate, which was not requested, in bounded steps: zip bombs exist."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)  # detects gzip or zlib by the header

    def __call__(self, packed: bytes) -> Iterator[bytes]:
        try:
            while chunk := self._zlib.decompress(packed, _UNPACK):
                yield chunk
                packed = self._zlib.unconsumed_tail
        except zlib.error as error:
            raise BrokenOff(f"it cannot be decompressed: {error}") from error


def _plain(chunk: bytes) -> Iterator[bytes]:
    yield chunk


def _unpacker(encoding: str) -> Any:
    if encoding.strip().lower() in ("", "identity"):
        return _plain
    if encoding.strip().lower() in ("gzip", "x-gzip", "deflate"):
        return _Unpacker()
    raise BrokenOff(f"it is compressed as {encoding}, which was not requested")
