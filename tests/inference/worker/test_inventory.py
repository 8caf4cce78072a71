from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from inference.contract.cards import Card, all_cards, card_of
from inference.contract.weights import SMOLLM2
from inference.engine.inspection import inspect
from inference.worker import inventory
from inference.worker.inventory import Inventory

from ..engine.tiny_weights import GPTNEOX, write_tiny


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client
        for key in client.scan_iter("weights:*"):
            client.delete(key)


def put(folder: Path, name: str, content: bytes | Path) -> Path:
    """A file with an old modification time."""
    file = folder / f"{name}.gguf"
    if isinstance(content, Path):
        os.link(content, file)
    else:
        file.write_bytes(content)
        age(file)
    return file


def age(file: Path, seconds: float = 60) -> None:
    before = time.time() - seconds
    os.utime(file, (before, before))


@pytest.fixture
def folder(tmp_path: Path, weights: Path) -> Path:
    copy = tmp_path / "Good.gguf"
    shutil.copy(weights, copy)
    age(copy)
    return tmp_path


def test_good_weights_are_usable_with_their_facts(folder: Path, connection: redis.Redis) -> None:
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    card = card_of(connection, "Good")
    assert card is not None
    assert card.sha256 == SMOLLM2.sha256
    assert (card.architecture, card.quantisation, card.context) == ("llama", "Q4_1", 8192)
    assert card.parameters == pytest.approx(134.5e6, rel=0.01)
    assert card.has_chat_template
    assert card.tokens_per_second > 0


@pytest.mark.parametrize("template", ["", "{{ raise_exception('Tools only.') }}", "{% for"])
def test_weights_without_a_chat_template_that_works_are_usable(
    tmp_path: Path, connection: redis.Redis, template: str
) -> None:
    write_tiny(tmp_path / "Base.gguf", GPTNEOX, chat_template=template)
    age(tmp_path / "Base.gguf")
    looked = Inventory(tmp_path, connection)
    looked.look()
    card = card_of(connection, "Base")
    assert card is not None
    assert (card.error, card.has_chat_template) == ("", False)
    assert looked.usable == ("Base",)


@pytest.mark.parametrize(
    "content", [b"", b"GGUF", b"not a model at all " * 100, b"GGUF\x03\0\0\0" + b"\xff" * 5000]
)
def test_unusable_file_is_a_sentence_and_harms_nobody(
    folder: Path, connection: redis.Redis, content: bytes
) -> None:
    put(folder, "Bad", content)
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    [bad] = [card for card in all_cards(connection) if card.name == "Bad"]
    assert "Bad.gguf" in bad.error
    assert bad.error.endswith(".")


def test_truncated_download_is_a_sentence(
    folder: Path, connection: redis.Redis, weights: Path
) -> None:
    put(folder, "Half", weights.read_bytes()[:40_000_000])
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    half = card_of(connection, "Half")
    assert half is not None
    assert "Half.gguf" in half.error


def test_unchanged_files_are_not_looked_at_again(
    folder: Path, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    Inventory(folder, connection).look()
    monkeypatch.setattr(inventory, "examine", lambda *_: pytest.fail("again"))
    restarted = Inventory(folder, connection)
    restarted.look()
    restarted.look()
    assert restarted.usable == ("Good",)


def test_changed_file_is_looked_at_again(folder: Path, connection: redis.Redis) -> None:
    looked = Inventory(folder, connection)
    assert (looked.look(), looked.look()) == (["Good"], [])
    put(folder, "Good", b"GGUF and then nothing")
    assert looked.look() == ["Good"]
    assert looked.usable == ()
    (folder / "Good.gguf").unlink()
    assert looked.look() == ["Good"]


def test_file_is_looked_at_again_by_another_llama_cpp(
    folder: Path, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    Inventory(folder, connection).look()
    monkeypatch.setattr(inventory, "version", lambda: "of tomorrow")
    Inventory(folder, connection).look()
    card = card_of(connection, "Good")
    assert card is not None
    assert card.tried_with.startswith("of tomorrow")


def odd_entries(folder: Path) -> None:
    """Everything a folder may contain that is not a weight file."""
    os.mkfifo(folder / "Pipe.gguf")
    (folder / "Folder.gguf").mkdir()
    (folder / "Absent.gguf").symlink_to(folder / "nowhere")
    (folder / "Circle.gguf").symlink_to(folder / "Circle.gguf")
    (folder / "Zeros.gguf").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "Socket.gguf"))
    for entry in folder.iterdir():
        if entry.name != "Good.gguf":
            before = time.time() - 60
            with contextlib.suppress(OSError):
                os.utime(entry, (before, before), follow_symlinks=False)


@pytest.mark.timeout(60)
def test_what_is_no_file_gets_a_sentence_and_stops_nobody(
    folder: Path, connection: redis.Redis
) -> None:
    odd_entries(folder)
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    told = {card.name: card.error for card in all_cards(connection) if card.error}
    no_file = dict.fromkeys(("Pipe", "Folder", "Zeros", "Socket"), "not a file")
    reasons = no_file | {"Absent": "No such file", "Circle": "symbolic links"}
    assert {name: reason in told[name] for name, reason in reasons.items()} == dict.fromkeys(
        reasons, True
    )
    assert looked.look() == []


@pytest.mark.parametrize("name", ["a,b", "remote:OPENAI_API_KEY", "x" * 230, " blank", "a\nb"])
def test_name_that_cannot_travel_gets_a_sentence(
    tmp_path: Path, connection: redis.Redis, name: str
) -> None:
    write_tiny(tmp_path / f"{name}.gguf", GPTNEOX)
    age(tmp_path / f"{name}.gguf")
    looked = Inventory(tmp_path, connection)
    looked.look()
    assert looked.usable == ()
    card = card_of(connection, name)
    assert card is not None
    assert "cannot be served under this name" in card.error


def test_name_that_is_no_text_stops_nobody(folder: Path, connection: redis.Redis) -> None:
    os.link(folder / "Good.gguf", os.fsencode(folder) + b"/\xff\xfe.gguf")
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    assert any("cannot be served" in card.error for card in all_cards(connection))


def test_surprise_in_one_file_stops_nobody(
    folder: Path, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "Bad", b"GGUF")

    def surprised(file: Path) -> object:
        if file.stem == "Bad":
            raise OSError(5, "Input/output error")
        return inspect(file)

    monkeypatch.setattr("inference.worker.inventory.inspect", surprised)
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    card = card_of(connection, "Bad")
    assert card is not None
    assert "Input/output error" in card.error


def test_file_that_is_still_written_is_left_alone(
    folder: Path, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "examine", lambda name, file, state, _: Card(name, *state))
    (folder / "Growing.gguf").write_bytes(b"GG")
    looked = Inventory(folder, connection)
    looked.look()
    assert looked.usable == ("Good",)
    age(folder / "Growing.gguf")
    looked.look()
    assert sorted(looked.usable) == ["Good", "Growing"]
    (folder / "Growing.gguf").unlink()
    looked.look()
    assert looked.usable == ("Good",)


def test_only_the_named_weights_are_taken(
    folder: Path, connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "examine", lambda name, file, state, _: Card(name, *state))
    put(folder, "Other", b"x")
    looked = Inventory(folder, connection, only=("Other",))
    looked.look()
    assert looked.usable == ("Other",)
