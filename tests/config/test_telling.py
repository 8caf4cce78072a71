"""A writer of messages is never blocked by a slow reader."""

from __future__ import annotations

import os

import pytest

from config import telling
from config.telling import Narrator


def test_says_lines_in_order() -> None:
    reading, writing = os.pipe()
    narrator = Narrator(writing)
    narrator.say("✓", "PostgreSQL")
    narrator.say("→", "Open")
    narrator.rest()
    assert os.read(reading, 1000).decode() == "✓ PostgreSQL\n→ Open\n"


def test_a_reader_that_stands_still_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PATIENCE_S", 0.1)
    reading, writing = os.pipe()
    narrator = Narrator(writing)
    for _ in range(3000):
        narrator.say("·", "x" * 100)  # several times the capacity of a pipe
    narrator.rest()  # must return, though nobody reads
    assert narrator.pending > 0
    os.close(reading)


def test_a_reader_that_is_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    narrator = Narrator(writing)
    narrator.say("·", "nobody reads this")
    narrator.say("·", "nor this")
    narrator.rest()
    assert narrator.pending == 0
