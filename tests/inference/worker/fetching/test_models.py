"""The models of an API, as a worker lists them for the site."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

import inference.worker.fetching.answering
import inference.worker.fetching.models
from inference.contract.asking import Model, Models, OfModels, OfRepository
from inference.contract.errors import EngineError
from inference.contract.limits import ASKING
from inference.worker.fetching.answering import answer
from inference.worker.fetching.deadline import Connections
from tests.inference.worker.backends.local_server import (
    LocalHandler,
    LocalServer,
    dripping,
    serving,
)

KEY = "sk-test-1234567890"


class Api(LocalServer):
    """Lists `said` to whoever has the key, if it wants one."""

    def __init__(self, said: Any, key: str) -> None:
        super().__init__(Handler)
        self.said, self.key = said, key
        self.paths: list[str] = []


class Handler(LocalHandler):
    server: Api

    def do_GET(self) -> None:  # noqa: N802
        self.server.paths.append(self.path)
        given = self.headers["x-api-key"] or (self.headers["authorization"] or "")[7:]
        known = self.path.startswith("/v1/models")
        status = 404 if not known else 401 if given != self.server.key else 200
        said = {"error": {"message": f"no such key {given}"}} if status == 401 else self.server.said
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def api(said: Any, key: str = "") -> Iterator[Api]:
    with serving(Api(said, key)) as server:
        yield server


def listed(backend: str, url: str, variable: str = "") -> tuple[Model, ...]:
    said = answer(OfModels(backend, url, variable))
    assert isinstance(said, Models)
    return said.models


OPENROUTER = {
    "id": "maker/wide-1", "name": "Maker: Wide 1", "context_length": 131_072, "created": 1,
    "pricing": {"prompt": "0.0000008", "completion": "0.000004", "request": "0"},
}  # fmt: skip
VLLM = {"id": "tiny", "object": "model", "owned_by": "vllm", "max_model_len": 4096}
TOGETHER = {"id": "m/x", "display_name": "X", "organization": "M", "context_length": 8192,
            "pricing": {"input": 0.2, "output": 0.2}}  # fmt: skip
CLAUDE = {"type": "model", "id": "claude-x", "display_name": "Claude X",
          "created_at": "2026-01-01T00:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "models"),
    [
        ({"object": "list", "data": [VLLM]}, [Model("tiny", context=4096)]),
        ({"data": [OPENROUTER]},
         [Model("maker/wide-1", "Maker: Wide 1", context=131_072, input_usd=0.8, output_usd=4.0)]),
        ([TOGETHER], [Model("m/x", "X", "M", 8192)]),
        ({"data": [{"object": "model"}, "odd", {"id": "kept", "name": 7, "context_length": "8k"}]},
         [Model("kept")]),
    ],
)  # fmt: skip
def test_models_are_listed_with_what_the_server_says_of_them(
    said: Any, models: list[Model]
) -> None:
    with api(said) as server:
        found = listed("openai", f"{server.url}/v1/")
        assert [*found] == [
            Model(**{**vars(each), "input_usd": pytest.approx(each.input_usd)}) for each in models
        ]
        assert server.paths == ["/v1/models"]


def test_only_as_many_models_are_listed_as_a_page_can_show() -> None:
    many = [{"id": str(number)} for number in range(ASKING.most_models + 3)]
    with api({"data": many}) as server:
        found = answer(OfModels("openai", f"{server.url}/v1"))
    assert isinstance(found, Models)
    assert (len(found.models), found.left_out) == (ASKING.most_models, 3)


def test_models_of_anthropic_are_asked_for_with_its_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with api({"data": [CLAUDE], "has_more": False}, KEY) as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_API_KEY_HOSTS", server.url)
        found = listed("anthropic", server.url, "ANTHROPIC_API_KEY")
        assert found == (Model("claude-x", "Claude X"),)
        assert server.paths == ["/v1/models?limit=1000"]


def test_key_goes_only_to_its_hosts_and_is_never_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    with api({"data": [VLLM]}, "another key") as server:
        monkeypatch.setenv("OWN_API_KEY", KEY)
        with pytest.raises(EngineError, match="OWN_API_KEY is bound to no host"):
            listed("openai", f"{server.url}/v1", "OWN_API_KEY")
        assert server.paths == []
        monkeypatch.setenv("OWN_API_KEY_HOSTS", server.url)
        with pytest.raises(EngineError, match=r"answered 401: no such key \[key\]$"):
            listed("openai", f"{server.url}/v1", "OWN_API_KEY")


def test_server_that_wants_a_key_says_what_to_set() -> None:
    with (
        api({"data": [VLLM]}, KEY) as server,
        pytest.raises(EngineError, match=r"^127.0.0.1 wants a key \(401\). Enter it under API"),
    ):
        listed("openai", f"{server.url}/v1")


@pytest.mark.parametrize("said", [b"<html>", {"data": "none"}, {"models": []}, b"\xff"])
def test_answer_that_is_no_list_is_told(said: Any) -> None:
    with api(said) as server, pytest.raises(EngineError, match="not answer with a list of models"):
        listed("openai", f"{server.url}/v1")


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_headers_or_list_drawn_out_byte_by_byte_are_given_up(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte ends a silence, so that limits of silence alone never end it."""
    hurried = replace(ASKING, answer_s=0.2)
    monkeypatch.setattr(inference.worker.fetching.models, "ASKING", hurried)
    monkeypatch.setattr(inference.worker.fetching.answering, "ASKING", hurried)
    with dripping(begun) as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        for question in (OfModels("openai", url), OfRepository("maker/Tiny-GGUF")):
            with pytest.raises(EngineError, match=r"took longer than 0.2 seconds to answer"):
                answer(question)


def test_connections_work_again_after_a_deadline() -> None:
    connections, said = Connections(), {"data": [VLLM]}
    heard = {"trace": connections.heard}
    with api(said) as server, dripping(b"HTTP/1.1 200 OK\r\nx: ") as slow, httpx.Client() as client:
        with pytest.raises(EngineError, match="took longer"), connections.within(0.1):
            client.get(slow, extensions=heard)
        with connections.within(60):
            assert client.get(f"{server.url}/v1/models", extensions=heard).json() == said


def test_packed_answer_is_not_unpacked() -> None:
    """A few kilobytes may unpack to gigabytes."""

    class Packing(Handler):
        def end_headers(self) -> None:
            self.send_header("content-encoding", "gzip")
            super().end_headers()

    said = gzip.compress(json.dumps({"data": [VLLM]}).encode())
    with api(said) as server:
        server.RequestHandlerClass = Packing
        with pytest.raises(EngineError, match="not answer with a list of models"):
            listed("openai", f"{server.url}/v1")


def test_address_without_models_or_server_is_told() -> None:
    with api({}) as server, pytest.raises(EngineError, match="/models answered 404"):
        listed("openai", server.url)
    said = (
        "127.0.0.1 cannot be reached from the model worker: nothing answers at this address. Check"
    )
    with pytest.raises(EngineError, match=said):
        listed("openai", "http://127.0.0.1:9/v1")
