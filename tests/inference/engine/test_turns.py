"""All engines of a process decode on one thread, in turns."""

from __future__ import annotations

import threading
import time

import pytest

from inference.engine import Engine, State, turns
from inference.engine.turns import Decoder

from .asking import ask, job, read_all, wait_until

STORY = "Tell me a very long story about a fox."


class Member:
    """Has work for a number of turns, and logs its name at each."""

    def __init__(self, name: str, turns: int, log: list[str]) -> None:
        self.name, self.left, self.log = name, turns, log

    def has_work(self) -> bool:
        return self.left > 0

    def turn(self) -> None:
        self.left -= 1
        self.log.append(self.name)


class Gate(Member):
    """Holds its first turn until it is opened."""

    def __init__(self, log: list[str]) -> None:
        super().__init__("gate", 1, log)
        self.reached, self.opened = threading.Event(), threading.Event()

    def turn(self) -> None:
        self.reached.set()
        self.opened.wait()
        super().turn()


class Pile:
    """At its turn, records how much work is waiting, and takes all of it."""

    def __init__(self, found: list[int]) -> None:
        self.there, self.found = 0, found

    def has_work(self) -> bool:
        return self.there > 0

    def turn(self) -> None:
        self.found.append(self.there)
        self.there = 0


class Broken(Member):
    def turn(self) -> None:
        raise ValueError(self.name)


def test_members_with_work_take_turns() -> None:
    log: list[str] = []
    decoder, gate = Decoder(), Gate(log)
    idle = Member("idle", 0, log)
    decoder.join(gate)
    gate.reached.wait()  # otherwise the first round may have some of the others already
    for member in (Member("a", 3, log), idle, Member("b", 2, log)):
        decoder.join(member)
    gate.opened.set()
    wait_until(lambda: len(log) == 6)
    assert log == ["gate", "a", "b", "a", "b", "a"]
    idle.left = 1
    decoder.wake()
    wait_until(lambda: log[-1] == "idle")


@pytest.mark.parametrize(("gather_s", "at_most_s", "in_first"), [(0.3, 9.0, 3), (0.0, 9.0, 1)])
def test_first_step_waits_until_nobody_has_come_for_a_moment(
    gather_s: float, at_most_s: float, in_first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = gather(monkeypatch, gather_s, at_most_s, crowd=3)
    wait_until(lambda: sum(found) == 3)
    assert found[0] == in_first


def test_crowd_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gather(monkeypatch, gather_s=0.3, at_most_s=0.5, crowd=20)
    assert 1 < found[0] < 20


def gather(
    monkeypatch: pytest.MonkeyPatch, gather_s: float, at_most_s: float, crowd: int
) -> list[int]:
    """The batch size at each step, for requests that arrive one by one, a tenth of a second apart,
    while nothing is running."""
    monkeypatch.setattr(turns, "GATHER_S", gather_s)
    monkeypatch.setattr(turns, "GATHER_AT_MOST_S", at_most_s)
    found: list[int] = []
    pile = Pile(found)
    decoder = Decoder()
    decoder.join(pile)
    time.sleep(0.2)
    for _ in range(crowd):
        pile.there += 1
        decoder.wake()
        time.sleep(0.1)
    return found


def test_member_that_raises_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []
    decoder = Decoder()
    decoder.join(Broken("bad", 1, log))
    decoder.join(Member("good", 3, log))
    wait_until(lambda: len(log) == 3)
    assert "gets no more turns" in caplog.text


def test_engines_answer_beside_each_other(engine: Engine, own_engine: Engine) -> None:
    before = threading.active_count()
    running = engine.submit(job(STORY, max_tokens=600))
    wait_until(lambda: running.state is State.DECODING)
    _, outcome = ask(own_engine, "Say hello.", max_tokens=4)
    assert outcome.completion_tokens == 4
    assert running.state is State.DECODING
    running.cancel()
    read_all(running)
    assert threading.active_count() <= before
