"""Heartbeats to systemd and to a file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from config import heart


@pytest.mark.parametrize("is_abstract", [False, True])
def test_systemd_is_told_that_a_process_is_ready_and_lives(
    is_abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"@evenhand-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv(heart.SYSTEMD, name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0"))
        systemd.settimeout(5)
        heart.tell_systemd("READY=1")
        heart.beat()
        assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


def test_process_lives_on_without_its_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(heart.SYSTEMD, str(tmp_path / "gone"))
    heart.beat()


def test_file_has_the_time_of_the_last_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heartbeat"
    monkeypatch.setenv(heart.FILE, str(file))
    heart.beat()
    os.utime(file, (1, 1))
    heart.beat()
    assert file.stat().st_mtime > 1
    monkeypatch.setenv(heart.FILE, str(tmp_path / "no" / "folder"))
    heart.beat()
