"""APIs that fail in mid-answer: they send a little, fall silent, and may hang up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OPENAI = [
    {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
     "choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
    for word in ("The ", "sea ", "is ")
]  # fmt: skip
ANTHROPIC: list[dict[str, Any]] = [
    {"type": "message_start", "message": {
        "id": "1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 25, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
      for word in ("The ", "sea ", "is ")),
]  # fmt: skip


class Server(ThreadingHTTPServer):
    """Speaks both wire formats. `left` is set when it notices that its client has gone."""

    daemon_threads = True

    def __init__(self, *, silent_s: float, before_headers: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.silent_s = silent_s
        self.before_headers = before_headers
        self.left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.server.before_headers:
            return self._fall_silent()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in ANTHROPIC if self.path == "/v1/messages" else OPENAI:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{name}data: {json.dumps(event)}\n\n".encode())
        self._fall_silent()

    def _fall_silent(self) -> None:
        self.connection.settimeout(0.02)
        until = time.monotonic() + self.server.silent_s
        while time.monotonic() < until:
            try:
                if not self.connection.recv(1):
                    return self.server.left.set()
            except TimeoutError:
                continue

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def broken_server(*, silent_s: float = 20.0, before_headers: bool = False) -> Iterator[Server]:
    with Server(silent_s=silent_s, before_headers=before_headers) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
