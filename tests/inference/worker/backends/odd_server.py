"""A server that answers with whatever a test gives it, byte by byte if need be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from .local_server import Body, LocalHandler, LocalServer, serving


@dataclass(frozen=True)
class Answer:
    """A status, headers, and the pieces of a body, which may never end."""

    pieces: Callable[[], Iterator[bytes]] | list[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})


class OddServer(LocalServer):
    """`answer` returns the response to a body; `asked` and `headers` hold those of all requests."""

    def __init__(self, answer: Callable[[Body], Answer]) -> None:
        super().__init__(Handler)
        self.answer = answer
        self.headers: list[dict[str, str]] = []
        self.sent = 0  # bytes of the last answer


class Handler(LocalHandler):
    server: OddServer

    def answer(self, body: Body) -> None:
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        answer = self.server.answer(body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.server.sent = 0
        try:
            for piece in answer.pieces() if callable(answer.pieces) else answer.pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                self.server.sent += len(piece)
        except ConnectionError:
            pass


def odd_server(
    answer: Callable[[Body], Answer] | Answer,
) -> AbstractContextManager[OddServer]:
    return serving(OddServer(answer if callable(answer) else lambda _: answer))


def event(data: object) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def chunk(choice: Body | None, **more: Any) -> bytes:
    """A chunk in OpenAI's format."""
    choices = [] if choice is None else [{"index": 0, **choice}]
    return event({"id": "1", "object": "chat.completion.chunk", "choices": choices, **more})


def word(text: Any) -> bytes:
    return chunk({"delta": {"content": text}})


def refusal(status: int, error: object) -> Answer:
    content = error if isinstance(error, bytes) else json.dumps(error).encode()
    kind = {"content-type": "application/json", "content-length": str(len(content))}
    return Answer([content], status, kind)


def whole(content: object, kind: str = "application/json") -> Answer:
    return Answer([json.dumps(content).encode()], headers={"content-type": kind})


END = chunk({"delta": {}, "finish_reason": "stop"})
DONE = b"data: [DONE]\n\n"


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]
