"""A local server for both documented wire formats: OpenAI's chat completions and Anthropic's
messages. It can reject requests, break off, and go silent.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from .local_server import Body, LocalHandler, LocalServer, serving

KEY = "sk-test-1234567890"
WORDS = ("The ", "sea ", "is ", "wide.")
Event = dict[str, Any]


class Server(LocalServer):
    """Sends `words`, then the finish reason `end`, in the format's terms. With `""` it sends none
    and closes the connection after `silent_s`, as it also does when silent from the start.

    `connections` counts connections; `refusals` are sent first, one per request; requests with one
    of the `unknown` parameters are always refused; `left` is set when a client disconnects before
    the end.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(Handler)
        self.connections = 0
        self.refusals: list[tuple[int, str]] = []
        self.unknown: tuple[str, ...] = ()
        self.words: tuple[str, ...] = WORDS
        self.end = "stop"
        self.last: list[Event] = []  # instead of the proper end
        self.silent_s = 20.0
        self.before_headers = False
        self.left = threading.Event()
        vars(self).update(settings)

    @property
    def whole(self) -> bool:
        """Whether its answers end properly."""
        return bool(self.end or self.last)


class Handler(LocalHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def answer(self, body: Body) -> None:
        key = self.headers["authorization"] or f"Bearer {self.headers['x-api-key'] or 'none'}"
        if self.path not in FORMATS:
            self._refuse(404, "not found")
        elif key not in (f"Bearer {KEY}", "Bearer none"):
            self._refuse(401, f"invalid credentials {key}")
        elif self.server.refusals:
            self._refuse(*self.server.refusals.pop(0))
        elif unknown := [name for name in self.server.unknown if name in body]:
            self._refuse(400, f"Unknown parameter: {unknown[0]}")
        else:
            self._speak(body)

    def _speak(self, body: Body) -> None:
        try:
            if not self.server.before_headers:
                self._say(FORMATS[self.path](self.server, body["model"]))
            if self.server.before_headers or not self.server.whole:
                self._fall_silent()
        except ConnectionError:
            self.server.left.set()

    def _say(self, events: Iterator[Event]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self._send(f"{name}data: {json.dumps(event)}\n\n")
        if self.server.whole:
            self._send("data: [DONE]\n\n")  # Anthropic's stream has ended before
            self._send("")

    def _send(self, text: str) -> None:
        self.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())

    def _fall_silent(self) -> None:
        self.close_connection = True
        self.connection.settimeout(0.02)
        until = time.monotonic() + self.server.silent_s
        while time.monotonic() < until:
            try:
                if not self.connection.recv(1):
                    return self.server.left.set()
            except TimeoutError:
                continue

    def _refuse(self, status: int, message: str) -> None:
        error = {"type": "error", "error": {"type": "api_error", "message": message}}
        content = json.dumps(error).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(content)


def _openai(server: Server, model: str) -> Iterator[Event]:
    def chunk(delta: Event, end: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "finish_reason": end}
        given = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
        return {**given, "choices": [choice]}

    yield from (chunk({"content": word}) for word in server.words)
    if server.last:
        yield from server.last
    elif server.end:
        yield chunk({}, server.end)
        usage = {"prompt_tokens": 25, "completion_tokens": 15, "total_tokens": 40}
        yield {**chunk({}), "choices": [], "usage": usage}


def _anthropic(server: Server, model: str) -> Iterator[Event]:
    message: Event = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 1},
    }  # fmt: skip
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "ping"}
    for word in server.words:
        delta = {"type": "text_delta", "text": word}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    if server.last:
        yield from server.last
    elif server.end:
        yield {"type": "content_block_stop", "index": 0}
        end = {"stop_reason": server.end.replace("stop", "end_turn"), "stop_sequence": None}
        yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": 15}}
        yield {"type": "message_stop"}


FORMATS = {"/chat/completions": _openai, "/v1/messages": _anthropic}


def api_server(**settings: Any) -> AbstractContextManager[Server]:
    return serving(Server(**settings))
