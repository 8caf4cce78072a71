"""One clock for both sides, so that the voter cannot see how fast either of them is.

Both panes show the same number of words. That number is a pure function of the times at which the
words of both sides arrived, by the broker's clock: a second tab, a reloaded page and another
process all compute the same one. The clock runs in gears, each half as fast as the one before. It
looks at both sides only at a few fixed moments, and picks the gear that the slower side can keep up
with. An answer that has ended counts as if it went on at its own pace, so that the display does not
reveal that it ended. The reasons are in docs/decisions/0012.
"""

from __future__ import annotations

from bisect import bisect_right
from math import ceil, inf, log2
from typing import NamedTuple

TICK_S = 1 / 16
AFTER_S = 0.001  # after a tick: the moment to look, since nothing changes before the tick
WORDS_PER_SECOND = 16.0  # in the first gear
SLOWEST_GEAR = 3  # 2 words a second: nobody would sit through a slower one
SLOWEST_PACE = WORDS_PER_SECOND / 2**SLOWEST_GEAR
FIRST_GEAR = 3  # until the first look at both sides
LOOKS_S = (1, 4, 16, 64)  # after the first words
MARGIN = 0.75  # of the pace that could be kept up
HORIZON_S = 10.0  # over which words that have already arrived may be used up
REFILL_S = 1.0  # the supply of words needed before the clock resumes after running dry
BRIEF = 8  # words: a shorter answer says little about its side's pace,
BRIEF_PACE = 6.0  # which is then assumed to be at most this [words/s]


class Arrival:
    """When the words of one side arrived [s]."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._counts: list[int] = []
        self._ended = inf
        self._pace = 0.0  # at which it counts as going on after its end [words/s]

    @property
    def began(self) -> float:
        """When the first word arrived."""
        return self._times[0] if self._times else inf

    def hear(self, at: float, words: int) -> None:
        """Record that `words` words have arrived by then."""
        if words > (self._counts[-1] if self._counts else 0):
            self._times.append(at)
            self._counts.append(words)

    def end(self, at: float) -> None:
        self._ended = at
        if self._counts:
            written, took = self._counts[-1] - self._counts[0], at - self._times[0]
            pace = written / took if written and took > 0 else inf
            brief = self._counts[-1] < BRIEF
            most = BRIEF_PACE if brief else 1000 * WORDS_PER_SECOND
            self._pace = max(SLOWEST_PACE, min(pace, most))

    def has_ended(self, at: float) -> bool:
        return at >= self._ended

    def words(self, at: float) -> float:
        """How many had arrived by then; after its end, how many if it had gone on."""
        if self.has_ended(at):
            return self._counts[-1] + self._pace * (at - self._ended) if self._counts else 0
        came = bisect_right(self._times, at)
        return self._counts[came - 1] if came else 0


class Beat(NamedTuple):
    """The state of the clock after a tick."""

    words: float
    gear: int
    dry: bool  # whether it waits for words


class Clock:
    """How many words of each side may be shown."""

    def __init__(self, a: Arrival, b: Arrival, fastest: float = WORDS_PER_SECOND) -> None:
        self._sides = a, b
        self._fastest = fastest
        self._beats: list[Beat] = []

    @property
    def began(self) -> float:
        """When both had their first word."""
        return max(side.began for side in self._sides)

    def words(self, now: float, most: float = inf) -> int:
        """How many words to show of each side, about `most` at most; all of a shorter answer."""
        if now < self.began:
            return 0
        ticks = int((now - self.began) / TICK_S)
        if not self._beats:
            self._beats.append(Beat(1.0, FIRST_GEAR, dry=False))
        while len(self._beats) <= ticks and self._beats[-1].words < most:
            self._beats.append(self._next(self._beats[-1], len(self._beats)))
        return int(self._beats[min(ticks, len(self._beats) - 1)].words)

    def correct(self, at: float) -> None:
        """Forget the ticks after `at`: an entry written then has only now arrived, so they may be
        wrong."""
        if self._beats:
            del self._beats[max(1, int((at - self.began) / TICK_S)) :]

    def pause(self, now: float) -> float:
        """Seconds until another word may be shown or the gear may change, at least to the next
        tick."""
        last = len(self._beats) - 1
        due = last + self._ticks_to_a_word()
        looks = [int(look / TICK_S) for look in LOOKS_S if look / TICK_S > last]
        tick = max(int((now - self.began) / TICK_S) + 1, min([due, *looks]))
        return self.began + tick * TICK_S + AFTER_S - now

    def _ticks_to_a_word(self) -> int:
        if not self._beats or self._beats[-1].dry:
            return 1
        beat = self._beats[-1]
        return ceil((int(beat.words) + 1 - beat.words) / self._rate(beat.gear) / TICK_S)

    def waits(self, now: float) -> bool:
        """Whether it stands still until something arrives. Call `words(now)` first."""
        beat = self._beats[-1] if self._beats else Beat(0, FIRST_GEAR, dry=True)
        refill = self._refill(beat.gear)
        short = [side for side in self._sides if side.words(now) - beat.words < refill]
        return beat.dry and not all(side.has_ended(now) for side in short)

    def _rate(self, gear: int) -> float:
        return self._fastest / float(2**gear)

    def _refill(self, gear: int) -> float:
        return max(2.0, self._rate(gear) * REFILL_S)

    def _next(self, beat: Beat, tick: int) -> Beat:
        at = self.began + tick * TICK_S
        gear = self._gear(at, beat) if tick * TICK_S in LOOKS_S else beat.gear
        came = min(side.words(at) for side in self._sides)
        if beat.dry and came - beat.words < self._refill(gear):
            return Beat(beat.words, gear, dry=True)
        words = beat.words + self._rate(gear) * TICK_S
        if int(words) > came:
            return Beat(beat.words, min(gear + 1, SLOWEST_GEAR), dry=True)
        return Beat(words, gear, dry=False)

    def _gear(self, at: float, beat: Beat) -> int:
        pace = MARGIN * min(self._kept_up(side, at, beat) for side in self._sides)
        gear = -int(log2(pace / self._fastest) // 1) if pace > 0 else SLOWEST_GEAR
        return min(max(gear, 0), SLOWEST_GEAR)

    def _kept_up(self, side: Arrival, at: float, beat: Beat) -> float:
        """The pace [words/s] at which a side can be shown for a while."""
        came = (side.words(at) - side.words(self.began)) / (at - self.began)
        return came + max(0.0, side.words(at) - beat.words) / HORIZON_S
