"""An answer is complete only when its API says so, and is stopped at once when nobody waits for
it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.contract.requests import Endpoint, GenerateRequest
from inference.engine import Generation, Outcome
from inference.worker import backends
from inference.worker.backends import Host, Running

from .api_server import Server, api_server

NAMES = ["openai", "anthropic"]
AT_ONCE_S = 20.0


@pytest.fixture(params=NAMES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    backend = backends.start(request.param, Host(tmp_path, 10**9, slots=2, context=512))
    yield backend
    backend.close()


def asked(server: Server, deadline_s: float = 60.0) -> GenerateRequest:
    return GenerateRequest(
        stream="s",
        attempt=1,
        weights="",
        messages=[{"role": "user", "content": "Tell me about the sea."}],
        endpoint=Endpoint(url=server.url, model="m", key_variable="", meter="test"),
        deadline_s=deadline_s,
    )


def text_of(generation: Generation) -> str:
    return generation.read(timeout=5) or ""


def ended(generation: Generation, within_s: float) -> Outcome:
    outcome = generation.wait(within_s)
    assert outcome is not None
    return outcome


def test_stream_that_breaks_off_is_an_error_that_may_pass(backend: Running) -> None:
    with api_server(end="", silent_s=0.1) as server, backend.generate(asked(server)) as generation:
        outcome = ended(generation, within_s=10)
        assert text_of(generation).startswith("The ")
    assert (outcome.finish_reason, outcome.permanent) == ("error", False)
    assert outcome.error.startswith("The API stopped early: ")


@pytest.mark.parametrize("before_headers", [False, True])
def test_deadline_is_kept_by_an_api_that_falls_silent(
    backend: Running, before_headers: bool
) -> None:
    with api_server(end="", before_headers=before_headers) as server:
        with backend.generate(asked(server, deadline_s=2.0)) as generation:
            outcome = ended(generation, within_s=2.0 + AT_ONCE_S)
        assert server.left.wait(AT_ONCE_S)  # and the connection is closed
    assert outcome.finish_reason == "deadline"
    assert 1.5 < outcome.total_s < 2.0 + AT_ONCE_S


@pytest.mark.parametrize("before_headers", [False, True])
def test_cancelled_answer_ends_though_its_api_is_silent(
    backend: Running, before_headers: bool
) -> None:
    with api_server(end="", before_headers=before_headers) as server:
        with backend.generate(asked(server)) as generation:
            time.sleep(0.5)
            begun = time.monotonic()
            generation.cancel()
            outcome = ended(generation, AT_ONCE_S)
            assert time.monotonic() - begun < AT_ONCE_S
        assert server.left.wait(AT_ONCE_S)
    assert outcome.finish_reason == "cancelled"


def test_answer_cancelled_before_it_begins_ends(backend: Running) -> None:
    with api_server(end="") as server, backend.generate(asked(server)) as generation:
        generation.cancel()
        assert ended(generation, AT_ONCE_S).finish_reason == "cancelled"


def test_answer_that_is_left_closes_its_connection(backend: Running) -> None:
    with api_server(end="") as server:
        with backend.generate(asked(server)) as generation:
            assert text_of(generation).startswith("The ")
        assert generation.outcome is not None
        assert generation.outcome.finish_reason == "cancelled"
        assert server.left.wait(AT_ONCE_S)


def test_silent_answer_does_not_hold_up_the_others(backend: Running) -> None:
    with (
        api_server(end="") as silent,
        api_server(end="", silent_s=0.1) as brief,
        backend.generate(asked(silent)),
        backend.generate(asked(brief)) as generation,
    ):
        assert ended(generation, within_s=10).finish_reason == "error"


@pytest.mark.parametrize("name", NAMES)
def test_key_is_used_by_no_more_answers_than_it_has_slots(name: str, tmp_path: Path) -> None:
    backend = backends.start(name, Host(tmp_path, 10**9, slots=2, context=512, remote_slots=1))
    with (
        api_server(end="") as server,
        backend.generate(asked(server)) as first,
        backend.generate(asked(server)) as second,
    ):
        assert text_of(first).startswith("The ")
        assert (second.read(timeout=0.3), len(server.asked)) == ("", 1)
        first.cancel()
        assert text_of(second).startswith("The ")
    backend.close()
    assert second.outcome is not None
    assert second.outcome.queued_s > 0.2


@pytest.mark.parametrize("name", NAMES)
def test_deadline_does_not_count_the_wait_for_a_slot(name: str, tmp_path: Path) -> None:
    backend = backends.start(name, Host(tmp_path, 10**9, slots=2, context=512, remote_slots=1))
    with (
        api_server(end="") as server,
        backend.generate(asked(server)) as first,
        backend.generate(asked(server, deadline_s=1.0)) as second,
    ):
        assert text_of(first).startswith("The ")
        assert second.wait(1.2) is None  # longer than its deadline
        first.cancel()
        assert text_of(second).startswith("The ")
        outcome = ended(second, within_s=1.0 + AT_ONCE_S)
    backend.close()
    assert (outcome.finish_reason, outcome.queued_s > 1.1) == ("deadline", True)
    assert outcome.total_s - outcome.queued_s > 0.9


def test_closed_backend_ends_what_runs(tmp_path: Path) -> None:
    backend = backends.start("openai", Host(tmp_path, 10**9, slots=2, context=512))
    with api_server(end="") as server, backend.generate(asked(server)) as generation:
        threading.Timer(0.3, backend.close).start()
        assert ended(generation, within_s=5).finish_reason == "cancelled"
