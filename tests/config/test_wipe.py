from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from config import wipe


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wipe, "ROOT", tmp_path)
    (tmp_path / "var" / "weights").mkdir(parents=True)
    return tmp_path / "var"


def answer(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr("builtins.input", lambda _: said)


def test_wipe_deletes_everything_once_confirmed(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "wipe")
    wipe.main()
    assert not var.exists()


def test_wipe_deletes_the_database_that_lies_elsewhere(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (var / "postgres").symlink_to(elsewhere)
    answer(monkeypatch, "wipe")
    wipe.main()
    assert not elsewhere.exists()


@pytest.mark.parametrize("said", ["", "y", "no"])
def test_wipe_without_the_word_deletes_nothing(
    var: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    answer(monkeypatch, said)
    with pytest.raises(SystemExit, match=r"Nothing was deleted\."):
        wipe.main()
    assert (var / "weights").exists()


def test_wipe_of_a_running_arena_is_refused(var: Path) -> None:
    with (var / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="The arena is running"):
            wipe.main()
    assert (var / "weights").exists()
