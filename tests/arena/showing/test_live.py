"""What is sent to the browser, given what has arrived: pure functions, no server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.limits import LIVE
from arena.markdown import blocks
from arena.models import Answer, Side
from arena.showing.chat import LiveChat
from arena.showing.turn import LONGEST_PAUSE_S, LiveTurn, Position
from arena.showing.words import words
from inference.contract.streams import Entry, Kind
from tests.live.volunteer import put


def entry(kind: Kind, text: str = "", attempt: int = 1, at: float = 0.0) -> Entry:
    return Entry(f"{int(1000 * at)}-1", attempt, kind, text)


def text(words: str, attempt: int = 1, at: float = 0.0) -> Entry:
    return entry(Kind.TEXT, words, attempt, at)


def end(reason: str = "stop", attempt: int = 1, at: float = 0.0) -> Entry:
    return entry(Kind.END, reason, attempt, at)


def turn(*entries: tuple[str, Entry], position: Position | None = None) -> LiveTurn:
    live = LiveTurn(position)
    for side, each in entries:
        live.absorb(Side(side), each)
    return live


def answer(text: str, reason: str = "stop", attempt: int = 1) -> Answer:
    return Answer(text=text, finish_reason=reason, attempt=attempt)


def complete(a: str, b: str) -> list[tuple[str, Entry]]:
    return [("A", text(a)), ("A", end()), ("B", text(b)), ("B", end())]


class Browser:
    """The browser: what it shows, and its position."""

    def __init__(self) -> None:
        self.panes: dict[str, list[str]] = {"A": [], "B": []}
        self.at = ""
        self.of_page = {"A": 0, "B": 0}  # blocks whose HTML came with the page

    def take(self, frame: dict[str, Any] | None) -> dict[str, Any]:
        if frame is None:
            return {}
        assert [pane["side"] for pane in frame["panes"]] == ["A", "B"]
        for pane in frame["panes"]:
            side, keep = pane["side"], pane["keep"]
            assert not pane["from"] or keep >= self.of_page[side]
            self.of_page[side] = min(self.of_page[side], keep)
            put(self.panes[side], pane)
        self.at = frame["at"]
        return frame

    def watch(self, live: LiveTurn, until: float, since: float = 0.0) -> None:
        for tick in range(int(20 * since), int(20 * until) + 1):
            self.take(live.frame(tick / 20))

    def reload(self) -> Position:
        self.of_page = {side: len(blocks) for side, blocks in self.panes.items()}
        return Position.parse(self.at)

    def read(self, side: str) -> str:
        return "".join(self.panes[side])


def test_line_that_was_written_twice_is_taken_once() -> None:
    line = text("One two ")._replace(number=2)
    live = turn(("A", line), ("A", line), ("A", text("three. ")._replace(number=3)), ("A", end()))
    assert live.panes[Side.A].words.text == "One two three. "
    assert live.panes[Side.A].ended  # by an entry without a number


@pytest.mark.parametrize("reason", ["error", "bored"])
def test_end_that_is_none_or_of_another_version_completes_nothing(reason: str) -> None:
    live = turn(("A", text("One two")), ("A", end(reason)), ("A", entry(Kind("mood"), "glad")))
    assert not live.panes[Side.A].ended


def test_growing_paragraph_is_not_sent_again() -> None:
    live, browser = turn(*complete("One two 🙂 three.\n\n- four", "One two")), Browser()
    frames = [browser.take(live.frame(tick / 16)) for tick in range(40)]
    assert [frame["panes"][0]["blocks"] for frame in frames if frame][:4] == [
        ["<p>One</p>\n"],
        [" two</p>\n"],
        [" 🙂</p>\n"],
        [" three.</p>\n"],
    ]


def test_side_is_complete_once_the_other_is_shown_beyond_it() -> None:
    """When it ended does not matter: until then it might as well have stalled."""
    live = turn(*complete("One two.", "One two three four five six."))
    told = [(frame["at"], [pane["complete"] for pane in frame["panes"]])
            for tick in range(60) if (frame := live.frame(tick / 16))]  # fmt: skip
    assert told[:4] == [
        ("2.1", [False, False]),
        ("2.2", [False, False]),
        ("2.3", [True, False]),
        ("2.4", [True, False]),
    ]


def test_first_words_of_both_come_in_one_frame() -> None:
    live = turn(("A", text("A very quick and long answer.")))
    assert live.frame(5.0) is None
    live.absorb(Side.B, text("Slow", at=6.0))
    assert live.frame(6.0) is None  # it may be "Slowly"
    live.absorb(Side.B, text("ly but", at=7.0))
    frame = live.frame(7.0)
    assert frame is not None
    assert [pane["blocks"] for pane in frame["panes"]] == [["<p>A</p>\n"], ["<p>Slowly</p>\n"]]


def test_neither_side_is_ahead_nor_cut_inside_a_word() -> None:
    live, browser = LiveTurn(), Browser()
    long = "An extraordinarily quick answer with uncommonly lengthy words. " * 9
    live.absorb(Side.A, text(long))
    slow = "It is so. " * 20
    for n in range(0, len(slow), 3):
        live.absorb(Side.B, text(slow[n : n + 3], at=n / 20))
        browser.watch(live, n / 20 + 0.1, n / 20)
        shown = Position.parse(browser.at).words
        assert browser.panes["A"] == blocks(words(long).first(shown))
        assert browser.panes["B"] == blocks(words(slow).first(shown))


def test_longer_side_goes_on_by_the_same_clock() -> None:
    live, browser = turn(*complete("No.", "All of this.")), Browser()
    browser.watch(live, 0.9)
    assert (browser.read("A"), browser.read("B")) == ("<p>No.</p>\n", "<p>All of</p>\n")
    browser.watch(live, 3.0)
    assert browser.read("B") == "<p>All of this.</p>\n"


def test_both_begin_anew_when_one_gets_another_attempt() -> None:
    live, browser = LiveTurn(), Browser()
    for side in Side:
        live.absorb(side, text("Half an answer is "))
    browser.watch(live, 3.0)
    before = dict(browser.panes)
    live.absorb(Side.A, entry(Kind.BEAT, attempt=2, at=4.0))
    browser.watch(live, 5.0, 4.0)
    assert browser.panes == before  # the voter must not learn when it starts
    live.absorb(Side.A, text("New words ", attempt=2, at=6.0))
    browser.watch(live, 6.1, 6.0)
    assert (browser.read("A"), browser.read("B")) == ("<p>New</p>\n", "<p>Half</p>\n")


def goes_on(characters: int, attempt: int = 2, at: float = 4.0) -> Entry:
    return entry(Kind.GOES_ON, str(characters), attempt, at)


def test_attempt_that_goes_on_shows_no_word_twice() -> None:
    live, browser = LiveTurn(), Browser()
    half, rest = "Half an answer is ", "better than none, and this is the whole."
    for side in Side:
        live.absorb(side, text(half))
    browser.watch(live, 3.9)
    before, at = dict(browser.panes), browser.at
    live.absorb(Side.A, end("error", at=3.95))
    live.absorb(Side.A, goes_on(len(half)))
    live.absorb(Side.A, entry(Kind.BEAT, attempt=2, at=4.0))
    browser.watch(live, 5.0, 4.0)
    assert (browser.panes, browser.at) == (before, at)
    live.absorb(Side.A, text(half[:10], attempt=2, at=5.0))
    live.absorb(Side.A, text(half[10:] + rest, attempt=2, at=6.0))
    live.absorb(Side.B, text(rest, at=6.0))
    for side, attempt in ((Side.A, 2), (Side.B, 1)):
        live.absorb(side, end(attempt=attempt, at=6.0))
    browser.watch(live, 6.1, 6.0)
    assert browser.read("A").startswith("<p>Half an answer")
    browser.watch(live, 60.0, 6.1)
    assert browser.read("A") == browser.read("B") == f"<p>{half}{rest}</p>\n"
    live.finish(Side.A, answer(half + rest, attempt=2), 60.0)
    assert live.position_at(60.0).attempts == 2  # one text of each side


def test_attempt_that_goes_on_from_another_text_begins_anew() -> None:
    live = turn(("A", text("Half")), ("A", goes_on(3)), ("A", text("Hal and all", attempt=2)))
    assert live.panes[Side.A].words.text == "Hal and all"
    assert live.attempts == 2


def test_reply_of_a_chat_goes_on() -> None:
    live = LiveChat([Side.A])
    for each in (text("Half "), goes_on(5), text("Half and whole", attempt=2)):
        live.absorb(Side.A, each)
    assert live.panes[Side.A].words.text == "Half and whole"


def test_late_words_of_an_old_attempt_are_dropped() -> None:
    live = turn(("A", text("new", attempt=2)), ("A", text("old", attempt=1)))
    assert live.panes[Side.A].words.text == "new"


def test_failed_attempt_is_no_end() -> None:
    live = turn(("A", end("error")), ("B", end("error")))
    assert not live.ended


def test_beats_send_nothing() -> None:
    live = turn(("A", entry(Kind.BEAT)), ("B", entry(Kind.BEAT)))
    assert live.frame(10.0) is None


PIECES = st.lists(st.text("ab *_`\n-1.#|$", min_size=1, max_size=30), min_size=1, max_size=12)


@settings(deadline=None)
@given(a=PIECES, b=PIECES, cuts=st.sets(st.integers(0, 30)))
def test_reconnecting_at_any_moment_loses_and_doubles_nothing(
    a: list[str], b: list[str], cuts: set[int]
) -> None:
    steps = [(side, text(piece, at=n / 2)) for n, piece in enumerate(a) for side in "A"]
    steps += [(side, text(piece, at=n / 3)) for n, piece in enumerate(b) for side in "B"]
    steps += [("A", end(at=len(a) / 2)), ("B", end(at=len(b) / 3))]
    steps.sort(key=lambda step: step[1].at)
    live, browser = LiveTurn(), Browser()
    for number, (side, each) in enumerate(steps):
        if number in cuts:  # the stream is read again from its beginning
            live = turn(*steps[:number], position=browser.reload())
        live.absorb(Side(side), each)
        browser.take(live.frame(each.at))
        browser.take(live.frame(each.at + 0.1))
    browser.watch(live, 600.0, 599.0)
    if not live.begun:
        return  # one side has not said anything
    assert live.all_seen(600.0)
    assert browser.panes == {"A": blocks("".join(a)), "B": blocks("".join(b))}


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1.", ".5", "-1.2", "1.2.3", "9" * 30 + ".1", "１.２e"]
)
def test_position_that_makes_no_sense_is_the_beginning(text: str) -> None:
    assert Position.parse(text) == Position()


def test_position_beyond_what_may_be_seen_gives_nothing_away() -> None:
    entries = complete("One two three four five six.", "One two three four five six seven.")
    greedy = turn(*entries, position=Position(2, 9999)).frame(0.6)
    assert greedy == turn(*entries).frame(0.6)


def test_second_tab_and_another_process_show_the_same() -> None:
    entries = [("A", text(f"word{n} ", at=n / 5)) for n in range(50)]
    entries += [("B", text(f"word{n} ", at=2 + n / 30)) for n in range(90)]
    live = LiveTurn()
    for side, each in sorted(entries, key=lambda pair: pair[1].at):
        live.absorb(Side(side), each)
        live.frame(each.at)
    for at in (5.0, 7.7, 11.0):
        assert turn(*entries).seen(at) == live.seen(at)


def test_complete_when_all_is_shown_and_written_down() -> None:
    live = turn(*complete("One two three.", "Done."))
    assert live.all_seen(9.0)
    assert not live.complete(9.0)
    for side in Side:
        live.absorb(side, entry(Kind.STORED))
    assert live.complete(9.0)
    assert not live.complete(0.1)  # the clock is not there yet


def test_what_is_written_down_already_is_not_shown_at_once() -> None:
    live = turn(*complete("One two three.", "One two three four five."))
    live.finish(Side.A, answer("One two three."), at=0.2)
    live.finish(Side.B, answer("One two three four five."), at=0.2)
    assert live.seen(0.3) == 1


def test_answers_without_a_stream_are_shown_at_once() -> None:
    live = LiveTurn()
    live.finish(Side.A, answer("One two three."), at=1e9)
    live.finish(Side.B, answer("Four."), at=1e9)
    assert live.complete(1e9)


def test_answers_that_seem_to_come_later_are_shown_once_both_have_ended() -> None:
    """The broker's clock was set back since, or ahead under a page that was open."""
    live = turn(("A", text("One two three ", at=3600.0)), ("B", text("Four five ", at=3600.5)))
    assert (live.seen(0.0), live.pause(0.0)) == (0, LONGEST_PAUSE_S)
    live.absorb(Side.A, end(at=3601.0))
    assert live.seen(0.0) == 0  # nothing tells which side has ended
    live.absorb(Side.B, end(at=3602.0))
    assert live.seen(0.0) == 3
    for side in Side:
        live.absorb(side, entry(Kind.STORED))
    assert live.complete(0.0)


def test_streams_say_all_while_words_come_and_the_database_is_asked_in_silence() -> None:
    live = LiveTurn()
    assert live.uncertain(0.0)  # nothing can be shown: there may be a queue
    for side in Side:
        live.absorb(side, text("Once upon a time there"))
    assert not live.uncertain(1.0)
    a = live.panes[Side.A]
    a.heard -= LIVE.silent_s + 1
    assert live.uncertain(1.0)  # its worker is gone, or was told to stop it
    live.absorb(Side.A, entry(Kind.BEAT))
    assert not live.uncertain(1.0)
    live.absorb(Side.A, end())
    a.heard -= LIVE.silent_s + 1
    assert not live.uncertain(1.0)  # it has ended
    live.absorb(Side.B, end())
    assert not live.uncertain(1.0)
    assert live.uncertain(9.0)  # all is shown: the database has to be checked


def test_another_attempt_is_not_written_down_because_the_last_one_was() -> None:
    live = turn(("A", entry(Kind.STORED)), ("A", text("Anew", attempt=2)))
    assert not live.panes[Side.A].stored


def test_what_was_written_down_is_not_said_twice_by_a_late_stream() -> None:
    live = turn(("A", text("One ")))
    live.finish(Side.A, answer("One two."), at=1.0)  # before the rest of the stream was read
    live.absorb(Side.A, text("two."))
    assert live.panes[Side.A].words.text == "One two."


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_nothing_is_complete_before_it_was_sent(late: float) -> None:
    """As of the moment of a frame, since the clock goes on while the frame is sent."""
    live, browser = turn(*complete("One two three.", "One two three four.")), Browser()
    for side in Side:
        live.absorb(side, entry(Kind.STORED))
    moments = [late + tick / 16 for tick in range(100)]
    last = next(now for now in moments if [browser.take(live.frame(now)), live.complete(now)][1])
    assert browser.panes["B"] == blocks("One two three four.")
    assert live.frame(last) is None


def test_much_at_once_is_told_from_a_few_words() -> None:
    """The consumer renders large updates in a thread."""
    live = turn(*complete("word " * 1_000, "few"))
    assert live.leaps(1e9)
    live.frame(1e9)
    assert not live.leaps(1e9)  # it is rendered
    assert not turn(*complete("word " * 100, "few")).leaps(1e9)
