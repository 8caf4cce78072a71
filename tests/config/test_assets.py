"""Styles and scripts are collected for the web process when one has changed, and only then."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import FileSystemFinder

from config import assets


@pytest.fixture
def collected(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often they were collected so far."""
    settings.VAR, settings.STATIC_ROOT = tmp_path, str(tmp_path / "static")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    (tmp_path / "source").mkdir()
    (tmp_path / "static").mkdir()
    times: list[str] = []

    def collect(command: str, **_: object) -> None:
        times.append(command)
        (tmp_path / "static" / assets.Assets.manifest_name).write_text("{}")

    monkeypatch.setattr(assets, "get_finders", lambda: [FileSystemFinder()])
    monkeypatch.setattr(assets, "call_command", collect)
    return times


def test_unchanged_files_are_not_collected_again(tmp_path: Path, collected: list[str]) -> None:
    style = tmp_path / "source" / "a.css"
    style.write_text("a {}")
    assets.collect()
    assets.collect()
    assert collected == ["collectstatic"]
    before = style.stat().st_mtime_ns
    style.write_text("b {}")
    os.utime(style, ns=(before, before + 1_000_000))
    assets.collect()
    (tmp_path / "source" / "b.css").write_text("")
    assets.collect()
    assert len(collected) == 3


def test_files_that_were_deleted_are_collected_again(tmp_path: Path, collected: list[str]) -> None:
    assets.collect()
    (tmp_path / "static" / assets.Assets.manifest_name).unlink()
    assets.collect()
    assert len(collected) == 2
