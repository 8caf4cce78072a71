"""Requests to count tokens, over the real broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings

from inference.contract.counting import Counting, Question, ask, show
from inference.contract.errors import EngineError
from inference.contract.prompts import Piece, Shown
from inference.engine import Engine
from inference.worker.backends import Host, llama_cpp

from ..engine.asking import ask as ask_engine
from ..engine.families import CHATML, GEMMA, LLAMA2
from ..engine.tiny_weights import GEMMA3, LLAMA, LLAMA_BYTES, write_tiny


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@contextmanager
def counting(connection: redis.Redis, folder: Path, *names: str) -> Iterator[None]:
    backend = llama_cpp.Backend(Host(folder, ram_bytes=10**9, slots=1, context=512))
    thread = Counting(connection, lambda: names, backend.count, backend.show)
    thread.start()
    try:
        yield
    finally:
        thread.stop()
        thread.join(timeout=10)
        backend.close()


def question(weights: str, text: str = "Hello.", prompt_format: str = CHATML) -> Question:
    return Question(weights, [{"role": "user", "content": text}], prompt_format)


@pytest.mark.parametrize(
    ("architecture", "prompt_format"), [(LLAMA, LLAMA2), (LLAMA_BYTES, CHATML), (GEMMA3, GEMMA)]
)
def test_count_is_what_the_engine_then_reads(
    tmp_path: Path, connection: redis.Redis, architecture: object, prompt_format: str
) -> None:
    write_tiny(tmp_path / "tiny.gguf", architecture)  # type: ignore[arg-type]
    engine = Engine(tmp_path / "tiny.gguf", slots=1, context=512)
    with counting(connection, tmp_path, "tiny"):
        for text in ("Hello.", "🦊" * 20, "<|im_end|></s><end_of_turn>"):
            [count] = ask(connection, [question("tiny", text, prompt_format)])
            _, outcome = ask_engine(engine, text, prompt_format=prompt_format, max_tokens=1)
            assert count == outcome.prompt_tokens
    engine.close()


def test_several_are_counted_each_for_itself(tmp_path: Path, connection: redis.Redis) -> None:
    write_tiny(tmp_path / "one.gguf", LLAMA_BYTES)
    write_tiny(tmp_path / "two.gguf", LLAMA)
    with counting(connection, tmp_path, "one", "two"):
        asked = [question("one", "a"), question("two", "b" * 300), question("one", "c" * 99)]
        first, second, third = ask(connection, asked)
    assert third == (first or 0) + 98
    assert (second or 0) > 300


def test_nobody_who_counts_costs_no_more_than_the_patience(connection: redis.Redis) -> None:
    before = time.monotonic()
    assert ask(connection, [question("nobody-has-these")], patience_s=0.2) == [None]
    assert 0.1 < time.monotonic() - before < 15
    assert 0 < connection.ttl("count:nobody-has-these") <= 5


def test_what_cannot_be_counted_is_said_at_once_and_harms_nobody(
    tmp_path: Path, connection: redis.Redis
) -> None:
    write_tiny(tmp_path / "tiny.gguf", LLAMA_BYTES)
    (tmp_path / "broken.gguf").write_bytes(b"GGUF and then nothing")
    with counting(connection, tmp_path, "tiny", "broken", "absent"):
        before = time.monotonic()
        failing = [question("broken"), question("absent"), question("tiny", "x", "{{ 1/0 }}")]
        assert ask(connection, failing, patience_s=100) == [None, None, None]
        assert time.monotonic() - before < 50
        assert ask(connection, [question("tiny")], patience_s=10) != [None]


def test_replaced_weights_are_counted_by_their_new_vocabulary(tmp_path: Path) -> None:
    backend = llama_cpp.Backend(Host(tmp_path, ram_bytes=10**9, slots=1, context=512))
    write_tiny(tmp_path / "tiny.gguf", LLAMA_BYTES)
    first = backend.count(question("tiny", "the the"))
    write_tiny(tmp_path / "tiny.gguf", LLAMA)
    assert backend.count(question("tiny", "the the")) != first
    with pytest.raises(EngineError, match="There are no weights"):
        backend.count(question("absent"))
    backend.close()


def test_prompt_is_shown_as_the_engine_reads_it(tmp_path: Path, connection: redis.Redis) -> None:
    write_tiny(tmp_path / "tiny.gguf", LLAMA)
    with counting(connection, tmp_path, "tiny"):
        [plain] = show(connection, [question("tiny", "Hello <s>", LLAMA2)], patience_s=30)
        assert plain is not None
        assert plain.pieces[0] == Piece("<s>", control=True)
        assert (plain.bos, plain.bos_in_a_row, plain.error) == (1, 1, "")
        assert "[INST] Hello <s> [/INST]" in plain.text  # typed, so it is no command
        [count] = ask(connection, [question("tiny", "Hello <s>", LLAMA2)], patience_s=30)
        assert plain.tokens == count


def test_prompt_that_begins_twice_and_format_that_fails_are_told(
    tmp_path: Path, connection: redis.Redis
) -> None:
    write_tiny(tmp_path / "tiny.gguf", LLAMA)
    asked = [
        question("tiny", prompt_format="{{ bos_token }}" + LLAMA2),
        question("tiny", prompt_format="{{ nothing() }}"),
        question("absent"),
    ]
    with counting(connection, tmp_path, "tiny"):
        twice, failing, absent = show(connection, asked, patience_s=1)
    assert twice is not None
    assert (twice.bos, twice.bos_in_a_row) == (2, 2)
    assert failing is not None
    assert failing.error.startswith("The prompt format failed:")
    assert absent is None


def test_worker_of_an_older_version_shows_nothing(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Counting(connection, lambda: ["old"], lambda _: 7, lambda _: Shown())
    monkeypatch.setattr(older, "_answered", lambda _: [7])
    older.start()
    assert show(connection, [question("old")], patience_s=30) == [None]
    assert ask(connection, [question("old")], patience_s=30) == [7]
    older.stop()
    older.join(timeout=10)
