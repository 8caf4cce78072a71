from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from django.conf import settings

from inference.contract import streams
from inference.contract.requests import Endpoint, GenerateRequest, GenerateResult
from inference.contract.streams import Kind
from inference.worker.backends import Host
from inference.worker.service import Worker

from ....live.site import free_port, until
from .api_server import KEY, Server, api_server


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, KEY)


def bind(monkeypatch: pytest.MonkeyPatch, variable: str, url: str) -> None:
    """Bind the key to the server at `url`, as an operator would."""
    monkeypatch.setenv(f"{variable}_HOSTS", url.removesuffix("/v1"))


@pytest.fixture(scope="module")
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def worker(connection: redis.Redis, tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(connection, Host(tmp_path, 10**9, slots=2, context=512), remote=True)
    yield worker
    worker.close()


@pytest.fixture
def anthropic() -> Iterator[Server]:
    with api_server() as server:
        yield server


@pytest.fixture(scope="session")
def openai_server(weights: Path) -> Iterator[str]:
    """llama-cpp-python's own OpenAI-compatible server with a real model behind it."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "llama_cpp.server",
        "--model",
        str(weights),
        "--port",
        str(port),
    ]
    options = ["--n_ctx", "1024", "--n_threads", "1", "--api_key", KEY, "--verbose", "false"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(
        [*command, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}/v1"
        until(lambda: _answers(f"{url}/models"), "the OpenAI-compatible server")
        yield url
        process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, headers={"Authorization": f"Bearer {KEY}"}).is_success
    except httpx.HTTPError:
        return False


Ask = Callable[..., GenerateResult]


@pytest.fixture
def ask(worker: Worker, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Have the worker answer a remote request; its stream must match its result."""

    def run(
        backend: str, url: str, *, sampling: Any = None, deadline_s: float = 120, **endpoint: Any
    ) -> GenerateResult:
        given = {"model": "m", "key_variable": f"{backend.upper()}_API_KEY", "meter": "test"}
        bind(monkeypatch, {**given, **endpoint}["key_variable"].strip(), url)
        request = GenerateRequest(
            stream=str(uuid.uuid4()),
            attempt=1,
            weights="",
            backend=backend,
            endpoint=Endpoint(url=url, **{**given, "timeout_s": 20.0, **endpoint}),
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Tell me about the sea."},
            ],
            sampling=sampling or {"temperature": 0.5},
            stop=["###"],
            max_tokens=40,
            deadline_s=deadline_s,
        )
        streams.begin_attempt(connection, request.stream, 1)
        result = worker.generate(GenerateRequest.from_dict(request.to_dict()))
        entries = streams.all_entries(connection, request.stream)
        assert result.text == "".join(e.text for e in entries if e.kind is Kind.TEXT)
        return result

    return run
