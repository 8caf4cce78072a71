"""A local server that speaks Anthropic's messages API as its documentation gives the wire format.

The vendor's cloud cannot be had in a test; its client library, which reads this, is the real one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-ant-test-1234567890"


class Server(ThreadingHTTPServer):
    """`asked` are the bodies of all requests; `refusals` are answered first, one a request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.refusals: list[tuple[int, str]] = []
        self.words = ["The ", "sea ", "is ", "wide."]
        self.stop_reason = "end_turn"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(body)
        if self.path != "/v1/messages":
            return self._refuse(404, "not_found_error")
        if self.headers["authorization"] != f"Bearer {KEY}":
            return self._refuse(401, f"invalid credentials {self.headers['authorization']}")
        if self.server.refusals:
            return self._refuse(*self.server.refusals.pop(0))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in self._events(body):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def _events(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        message = {
            "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"],
            "content": [], "stop_reason": None, "stop_sequence": None,
            "usage": {"input_tokens": 25, "output_tokens": 1},
        }  # fmt: skip
        yield {"type": "message_start", "message": message}
        block = {"type": "text", "text": ""}
        yield {"type": "content_block_start", "index": 0, "content_block": block}
        yield {"type": "ping"}
        for word in self.server.words:
            delta = {"type": "text_delta", "text": word}
            yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        end = {"stop_reason": self.server.stop_reason, "stop_sequence": None}
        yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": 15}}
        yield {"type": "message_stop"}

    def _refuse(self, status: int, message: str) -> None:
        error = {"type": "error", "error": {"type": "api_error", "message": message}}
        content = json.dumps(error).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def anthropic_server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
