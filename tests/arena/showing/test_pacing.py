"""The clock that paces both sides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.showing.clock import AFTER_S, HORIZON_S, TICK_S, Clock
from arena.showing.supply import Arrival
from arena.showing.words import Words


def arrival(*heard: tuple[float, int], end: float | None = None) -> Arrival:
    found = Arrival(Words())
    for at, words in heard:
        hear(found, at, words)
    if end is not None:
        found.end(end)
    return found


def hear(side: Arrival, at: float, words: int) -> None:
    """So many complete words had arrived by then."""
    side.words.write("word " * (words - len(side.words)))
    side.hear(at)


def steady(pace: float, words: int = 1000, begins: float = 0.0) -> Arrival:
    heard = [(begins + n / pace, n) for n in range(1, words + 1)]
    return arrival(*heard, end=heard[-1][0])


def typed(text: str, pace: float) -> Arrival:
    """Letter by letter, as fast as their size says."""
    side = Arrival(Words())
    for letter in text:
        side.words.write(letter)
        side.hear(side.words.size / pace)
    side.words.close()
    side.end(side.words.size / pace)
    return side


def times(clock: Clock, until: float = 30.0) -> list[int]:
    return [clock.words(tick * TICK_S) for tick in range(int(until / TICK_S))]


def test_nothing_is_shown_before_both_have_a_word() -> None:
    clock = Clock(steady(50), steady(50, begins=7.0))
    assert clock.words(7.0) == 0
    assert clock.words(7.02) == 1


def test_quick_sides_are_shown_at_the_arenas_own_pace() -> None:
    shown = times(Clock(steady(40), steady(200)))
    assert shown == times(Clock(steady(300), steady(90)))
    assert (shown[-1] - shown[160]) / (len(shown) - 1 - 160) / TICK_S == 16.0


def test_slow_side_is_waited_for_without_running_dry() -> None:
    clock = Clock(steady(7), steady(100))
    shown = times(clock)
    steps = [b - a for a, b in pairwise(shown)][int(1 / TICK_S) :]
    assert set(steps) == {0, 1}
    assert not any(beat.dry for beat in clock._beats)


def test_both_wait_for_a_side_that_stalls() -> None:
    clock = Clock(arrival((0, 1), (1, 20)), steady(50))
    assert times(clock)[-1] <= 20


def test_pace_does_not_rise_when_the_slow_side_ends() -> None:
    """Nor fall when the quick one ends: after 40 words the clock is the same."""
    slow_ends = times(Clock(steady(7, words=40), steady(100)), 20.0)
    quick_ends = times(Clock(steady(7), steady(100, words=40)), 20.0)
    assert slow_ends == quick_ends


@pytest.mark.parametrize("short_words", [40, 400])
def test_which_text_is_the_slower_sides_makes_no_difference(short_words: int) -> None:
    """One of short words and one of long ones, exchanged: the clock is the same to a few words,
    also after the end of one of them."""
    short, long = "a " * short_words, "international " * 400
    one = times(Clock(typed(short, 60), typed(long, 600)), 60.0)
    other = times(Clock(typed(short, 600), typed(long, 60)), 60.0)
    assert max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 10
    assert one[-1] > 100


def test_short_answer_with_a_pause_says_as_much_of_either_side() -> None:
    """The longer answer is judged by as much of it as the shorter one has."""
    words = [(n / 7, n) for n in range(1, 21)]
    paused = arrival(*words[:10], *((at + 4, n) for at, n in words[10:]), end=words[-1][0] + 4)
    long = [(n / 7 + (4 if n > 10 else 0), n) for n in range(1, 300)]
    slow_ends = times(Clock(paused, steady(100)), 60.0)
    quick_ends = times(Clock(arrival(*long, end=long[-1][0]), steady(100, words=20)), 60.0)
    assert slow_ends == quick_ends


def test_rest_of_an_answer_is_not_held_back_by_one_that_nobody_would_wait_for() -> None:
    shown = times(Clock(steady(0.2, words=10), steady(100, words=60)), 90.0)
    assert shown[int(50 / TICK_S)] <= 12  # both wait while it is written
    assert shown[int(85 / TICK_S)] >= 60  # then two words a second


def test_which_side_is_the_slow_one_makes_no_difference() -> None:
    assert times(Clock(steady(7), steady(100))) == times(Clock(steady(100), steady(7)))


def test_words_that_came_in_one_piece_do_not_come_in_one() -> None:
    shown = times(Clock(arrival((1, 400), end=1.0), arrival((1.1, 300), end=1.1)))
    assert max(b - a for a, b in pairwise(shown)) == 1


def test_clock_of_an_old_turn_does_not_run_on_for_ever() -> None:
    clock = Clock(steady(50, 100), steady(50, 100))
    assert clock.words(3e6, most=100) >= 100
    assert len(clock._beats) < 400


@pytest.mark.parametrize("pace", [0.6, 3.0, 7.0, 50.0])
def test_whoever_pauses_looks_a_tick_apart_at_most_and_misses_nothing(pace: float) -> None:
    clock, now, looks = Clock(steady(pace, 90), steady(40, 90)), 2.0, 0
    while now < 20.0:
        shown, pause = clock.words(now), clock.pause(now)
        looks += 1
        assert pause > TICK_S / 100
        assert Clock(steady(pace, 90), steady(40, 90)).words(now + pause - AFTER_S * 1.1) == shown
        now += pause
    assert looks < 18.0 / TICK_S + 2


TIMES = st.lists(st.floats(0.01, 3.0), min_size=2, max_size=60)


@settings(deadline=None)
@given(a=TIMES, b=TIMES, late=st.sets(st.integers(0, 120)))
def test_clock_is_the_same_whenever_it_is_asked(
    a: list[float], b: list[float], late: set[int]
) -> None:
    """Late delivery to this process makes no difference."""
    heard = sorted(
        (sum(gaps[: n + 1]), side, n + 1)
        for side, gaps in ((0, a), (1, b))
        for n in range(len(gaps))
    )
    live = Arrival(Words()), Arrival(Words())
    clock, waiting = Clock(*live), []
    for number, (at, side, words) in enumerate(heard):
        waiting.append((at, side, words))
        if number not in late:
            for was, which, count in waiting:
                hear(live[which], was, count)
                clock.correct(was)
            waiting = []
        clock.words(at)
    for at, side, words in waiting:
        hear(live[side], at, words)
        clock.correct(at)
    sides = Arrival(Words()), Arrival(Words())
    for at, side, words in heard:
        hear(sides[side], at, words)
    end = heard[-1][0] + HORIZON_S
    assert times(clock, end) == times(Clock(*sides), end)
