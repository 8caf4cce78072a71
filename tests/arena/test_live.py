"""What the browser is sent, given what has arrived: pure functions, no server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.live import SILENT_S, LiveTurn, Position
from arena.markdown import blocks
from arena.models import Side
from arena.pacing import Arrived, in_step, next_step
from inference.streams import Entry, Kind
from tests.live.volunteer import put


def entry(kind: Kind, text: str = "", attempt: int = 1) -> Entry:
    return Entry("0-1", attempt, kind, text)


def text(words: str, attempt: int = 1) -> Entry:
    return entry(Kind.TEXT, words, attempt)


class Browser:
    """The other end: what it shows, and where it stands."""

    def __init__(self) -> None:
        self.panes: dict[str, list[str]] = {"A": [], "B": []}
        self.at = {"A": "", "B": ""}
        self.ended: set[str] = set()
        self.of_page = {"A": 0, "B": 0}  # blocks whose HTML only the page knew

    def take(self, live: LiveTurn) -> list[dict[str, Any]]:
        frames = list(live.frames())
        for frame in frames:
            side, keep = frame["side"], frame["keep"]
            assert not frame["from"] or keep >= self.of_page[side]
            self.of_page[side] = min(self.of_page[side], keep)
            put(self.panes[side], frame)
            self.at[frame["side"]] = frame["at"]
            if frame["end"]:
                self.ended.add(frame["side"])
        return frames

    def reload(self) -> LiveTurn:
        self.of_page = {side: len(blocks) for side, blocks in self.panes.items()}
        return LiveTurn({side: Position.parse(self.at[side.value]) for side in Side})

    def read(self, side: str) -> str:
        return "".join(self.panes[side])


def show_all(browser: Browser, live: LiveTurn) -> None:
    while browser.take(live):
        pass


def test_growing_paragraph_is_not_sent_again() -> None:
    live, browser = LiveTurn({}), Browser()
    sent = []
    for words in ("One ", "two 🙂", " three.\n\n- four"):
        for side in Side:
            live.panes[side].absorb(text(words))
        sent.append(browser.take(live)[0]["blocks"])
    assert sent == [
        ["<p>One</p>\n"],
        [" two 🙂</p>\n"],
        [" three.</p>\n", '<ul dir="auto">\n<li>four</li>\n</ul>\n'],
    ]
    assert browser.panes["B"] == blocks("One two 🙂 three.\n\n- four")


def test_slower_side_holds_the_faster_back() -> None:
    live, browser = LiveTurn({}), Browser()
    live.panes[Side.A].absorb(text("A very quick and long answer."))
    assert browser.take(live) == []
    live.panes[Side.B].absorb(text("Slow"))
    show_all(browser, live)
    assert (browser.read("A"), browser.read("B")) == ("<p>A ve</p>\n", "<p>Slow</p>\n")


def test_rest_follows_when_the_other_side_has_ended() -> None:
    live, browser = LiveTurn({}), Browser()
    live.panes[Side.A].absorb(text("All of this."))
    live.panes[Side.B].absorb(text("No."))
    live.panes[Side.B].absorb(entry(Kind.END, "stop"))
    show_all(browser, live)
    assert browser.read("A") == "<p>All of this.</p>\n"
    assert browser.ended == {"B"}


def test_new_attempt_takes_the_old_text_away() -> None:
    live, browser = LiveTurn({}), Browser()
    for side in Side:
        live.panes[side].absorb(text("Half an ans"))
    show_all(browser, live)
    live.panes[Side.A].absorb(text("New", attempt=2))
    show_all(browser, live)
    assert browser.read("A") == "<p>New</p>\n"


def test_late_words_of_an_old_attempt_are_dropped() -> None:
    live = LiveTurn({})
    live.panes[Side.A].absorb(text("new", attempt=2))
    live.panes[Side.A].absorb(text("old", attempt=1))
    assert live.panes[Side.A].text == "new"


def test_failed_attempt_is_no_end() -> None:
    live = LiveTurn({})
    live.panes[Side.A].absorb(entry(Kind.END, "error"))
    assert not live.panes[Side.A].ended


def test_beats_send_nothing() -> None:
    live = LiveTurn({})
    for side in Side:
        live.panes[side].absorb(entry(Kind.BEAT))
    assert list(live.frames()) == []


PIECES = st.lists(st.text("ab *_`\n-1.#|$", min_size=1, max_size=30), min_size=1, max_size=12)


@given(a=PIECES, b=PIECES, cuts=st.sets(st.integers(0, 30)))
def test_reconnecting_at_any_moment_loses_and_doubles_nothing(
    a: list[str], b: list[str], cuts: set[int]
) -> None:
    steps = [(Side.A, piece) for piece in a] + [(Side.B, piece) for piece in b]
    live, browser = LiveTurn({}), Browser()
    for number, (side, piece) in enumerate(steps):
        if number in cuts:
            live = browser.reload()
            for past_side, past in steps[:number]:  # the stream is read again from its beginning
                live.panes[past_side].absorb(text(past))
        live.panes[side].absorb(text(piece))
        browser.take(live)
    for side in Side:
        live.panes[side].absorb(entry(Kind.END, "stop"))
    show_all(browser, live)

    undisturbed, other = LiveTurn({}), Browser()
    for side, piece in steps:
        undisturbed.panes[side].absorb(text(piece))
    for side in Side:
        undisturbed.panes[side].absorb(entry(Kind.END, "stop"))
    show_all(other, undisturbed)
    assert browser.panes == other.panes
    assert browser.ended == {"A", "B"}


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1.", ".5", "-1.2", "1.2.3", "9" * 30 + ".1", "１.２e"]
)
def test_position_that_makes_no_sense_is_the_beginning(text: str) -> None:
    assert Position.parse(text) == Position()


@given(
    a=st.builds(Arrived, st.integers(0, 500), st.booleans()),
    b=st.builds(Arrived, st.integers(0, 500), st.booleans()),
)
def test_while_both_write_neither_is_ahead(a: Arrived, b: Arrived) -> None:
    shown_a, shown_b = in_step(a, b)
    assert shown_a <= a.length
    assert shown_b <= b.length
    if not a.ended and not b.ended:
        assert shown_a == shown_b == min(a.length, b.length)


def test_silent_side_stops_holding_the_other_back() -> None:
    assert in_step(Arrived(100), Arrived(10, silent_s=9)) == (100, 10)


def test_burst_is_shown_in_steps() -> None:
    assert (next_step(0, 1000), next_step(200, 250)) == (200, 250)


def test_complete_when_both_sides_are_shown_and_written_down() -> None:
    live, browser = LiveTurn({}), Browser()
    for pane in live.panes.values():
        pane.absorb(text("Done."))
        pane.absorb(entry(Kind.END, "stop"))
    show_all(browser, live)
    assert browser.ended == {"A", "B"}
    assert not live.complete
    for pane in live.panes.values():
        pane.absorb(entry(Kind.STORED))
    assert live.complete


def test_streams_say_all_while_words_come_and_the_database_is_asked_in_silence() -> None:
    live, browser = LiveTurn({}), Browser()
    a, b = live.panes[Side.A], live.panes[Side.B]
    assert not live.flowing  # nothing has been shown: there may be a queue
    for pane in (a, b):
        pane.absorb(text("Once upon a time"))
    browser.take(live)
    assert live.flowing
    a.heard -= SILENT_S + 1
    assert not live.flowing  # its worker is gone, or was told to stop
    a.absorb(entry(Kind.BEAT))
    assert live.flowing
    a.absorb(entry(Kind.END, "stop"))
    a.heard -= SILENT_S + 1
    assert live.flowing  # it has said all it had to say
    b.absorb(entry(Kind.END, "stop"))
    assert not live.flowing  # now they are written down


def test_another_attempt_is_not_written_down_because_the_last_one_was() -> None:
    live = LiveTurn({})
    pane = live.panes[Side.A]
    pane.absorb(entry(Kind.STORED))
    pane.absorb(text("Anew", attempt=2))
    assert not pane.stored


def test_what_was_written_down_is_not_said_twice_by_a_late_stream() -> None:
    live = LiveTurn({})
    pane = live.panes[Side.A]
    pane.absorb(text("One "))
    pane.finish("One two.", attempt=1)  # the database was asked before the stream was read on
    pane.absorb(text("two."))
    assert pane.text == "One two."
