"""The clock that paces both sides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.showing.clock import AFTER_S, HORIZON_S, TICK_S, Arrival, Clock


def arrival(*heard: tuple[float, int], end: float | None = None) -> Arrival:
    found = Arrival()
    for at, words in heard:
        found.hear(at, words)
    if end is not None:
        found.end(end)
    return found


def steady(pace: float, words: int = 1000, begins: float = 0.0, *, ends: bool = True) -> Arrival:
    heard = [(begins + n / pace, n) for n in range(1, words + 1)]
    return arrival(*heard, end=heard[-1][0] if ends else None)


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
    live = Arrival(), Arrival()
    clock, waiting = Clock(*live), []
    for number, (at, side, words) in enumerate(heard):
        waiting.append((at, side, words))
        if number not in late:
            for was, which, count in waiting:
                live[which].hear(was, count)
                clock.correct(was)
            waiting = []
        clock.words(at)
    for at, side, words in waiting:
        live[side].hear(at, words)
        clock.correct(at)
    sides = Arrival(), Arrival()
    for at, side, words in heard:
        sides[side].hear(at, words)
    end = heard[-1][0] + HORIZON_S
    assert times(clock, end) == times(Clock(*sides), end)
