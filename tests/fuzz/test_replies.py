"""Whatever an API sends, in whatever pieces: parts of an answer, or a sentence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inference.contract.requests import Endpoint, GenerateRequest
from inference.worker.backends import Host, anthropic, openai
from inference.worker.backends.events import Body, BrokenOff, events
from inference.worker.backends.remote import RemoteBackend
from inference.worker.backends.replies import Part, Told

from .habits import fuzzed, unless_refused
from .values import altered, damaged

pytestmark = pytest.mark.slow
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "input_tokens": 7, "output_tokens": 3}
SOUND: dict[str, list[dict[str, Any]]] = {
    "openai": [
        {"choices": [{"index": 0, "delta": {"content": "The sea", "reasoning": "Hm."}}]},
        {"choices": [{"index": 0, "delta": {"content": [{"type": "text", "text": " is"}]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE},
        {"choices": [{"index": 0, "message": {"content": "The sea is wide."}}]},
        {"error": {"message": "overloaded", "code": 529}},
    ],
    "anthropic": [
        {"type": "message_start", "message": {"usage": USAGE}},
        {"type": "content_block_start", "content_block": {"type": "text", "text": "The"}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": " sea"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": USAGE},
        {"type": "message", "content": [{"type": "text", "text": "Wide."}], "stop_reason": "x"},
        {"type": "error", "error": {"message": "overloaded"}},
    ],
}
REQUEST = GenerateRequest(
    stream="s", attempt=1, weights="", backend="openai",
    endpoint=Endpoint(url="https://a.example/v1", model="m", key_variable="K", meter="t"),
    messages=[{"role": "user", "content": "Tell me about the sea."}],
)  # fmt: skip


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RemoteBackend]:
    host = Host(tmp_path_factory.mktemp("host"), 10**9, slots=1, context=512)
    return {"openai": openai.Backend(host), "anthropic": anthropic.Backend(host)}


class Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), self._size):
            yield self._content[start : start + self._size]


async def heard(backend: RemoteBackend, content: bytes, size: int, encoding: str) -> list[Part]:
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx.Response(200, headers=headers, stream=Pieces(content, size))
    told, found = Told(REQUEST), list[Part]()
    async for event in events(Body(response, most=1_000_000)):
        found += backend.parts(event, told)
    return found


def nested(depth: int) -> bytes:
    """Content within content, as deep as a parser of JSON takes it."""
    inner = '{"content": ' * depth + '"x"' + "}" * depth
    return b'data: {"choices": [{"delta": ' + inner.encode() + b"}]}\n\n"


@st.composite
def bodies(draw: st.DrawFn, name: str) -> bytes:
    some = draw(st.lists(st.sampled_from(SOUND[name]).flatmap(altered), min_size=1, max_size=4))
    said = [json.dumps(one) for one in some]
    whole = draw(
        st.sampled_from(
            ["".join(f"data: {one}\n\n" for one in said), "\n".join(said), f"[{','.join(said)}]"]
        )
    ).encode()
    return draw(damaged(whole)) if draw(st.booleans()) else whole


@pytest.mark.parametrize("name", SOUND)
def test_any_body_is_heard_or_broken_off(name: str, backends: dict[str, RemoteBackend]) -> None:
    @fuzzed
    @given(
        body=bodies(name),
        size=st.sampled_from([1, 7, 10_000]),
        encoding=st.sampled_from(["", "", "", "gzip", "br"]),
    )
    @example(body=nested(900), size=10_000, encoding="")
    def check(body: bytes, size: int, encoding: str) -> None:
        def hear() -> list[Part]:
            return asyncio.run(heard(backends[name], body, size, encoding))

        parts = unless_refused(BrokenOff, hear) or []
        assert all(isinstance(part.text, str) for part in parts)

    check()
