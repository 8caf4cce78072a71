"""Settings that an operator mistypes end the process at its start, with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.numbers import number, switch

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ANSWER_SECONDS": "3"}, "silent_s is 5.0, but must be below answer_s, which is 3.0"),
        ({"QUEUE_SECONDS": "3500"}, "its stream would expire while it is written"),
        ({"ANSWER_SECONDS": "3590", "QUEUE_SECONDS": "9"}, "its stream would expire"),
        ({"HTTPS": "enabled"}, "HTTPS is 'enabled', but must be on or off."),
        ({"ANSWER_SECONDS": "2m"}, "ANSWER_SECONDS is '2m', but must be a number above 0."),
        ({"LIMIT_VOTES_VOTER": "many"}, "'many', but must be rates per minute, hour or day"),
        ({"LIMIT_VOTES_ALL": "9/second"}, '"20/minute; 300/hour", or 0 for no limit.'),
        ({"DESK": "hodl"}, "DESK is 'hodl', but must be one of hold, watch, off."),
        ({"UNDO_SECONDS": "6"}, "UNDO_SECONDS is '6', but must be a number from 0 to 5."),
    ],
    ids=str,
)
def test_bad_settings_refuse_to_start(given: dict[str, str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=os.environ | given | {"ARENA_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert said in last
    assert all(f"{name}" in last for name in given)


def test_command_with_bad_settings_ends_in_one_sentence(tmp_path: Path) -> None:
    env = os.environ | {"ANSWER_SECONDS": "2m", "ARENA_VAR": str(tmp_path)}
    command = [sys.executable, "manage.py", "up"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "✗ ANSWER_SECONDS is '2m', but must be a number above 0.\n"


@pytest.mark.parametrize(
    ("text", "on"), [("", False), ("off", False), ("False", False), ("1", True), (" Yes ", True)]
)
def test_switch_is_read(text: str, on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SWITCH", text)
    assert switch("SOME_SWITCH") is on


@pytest.mark.parametrize("text", ["abc", "2m", "1,5", "0", "-1", "inf", "nan"])
def test_number_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECONDS", text)
    with pytest.raises(ImproperlyConfigured, match=f"^SOME_SECONDS is '{text}', but must be a"):
        number("SOME_SECONDS", 1.0)


@pytest.mark.parametrize(("text", "value"), [("", 7), ("0", 0), (" 12 ", 12), ("1_000", 1000)])
def test_number_is_read(text: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VOTES", text)
    assert number("SOME_VOTES", 7, least=0) == value


def test_fraction_of_a_whole_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VOTES", "1.5")
    with pytest.raises(ImproperlyConfigured, match=r"must be a whole number from 0\.$"):
        number("SOME_VOTES", 7, least=0)
