"""One clock for both sides, so that the voter cannot see how fast either of them is.

Both panes show the same number of words. That number is a pure function of both texts and of the
times at which they arrived, by the broker's clock: a second tab, a reloaded page and another
process all compute the same one. The clock runs in gears, each half as fast as the one before. It
looks at the supply of words (`supply`) only at a few fixed moments, and picks the gear that the
supply can keep up with. The reasons are in docs/decisions/0012.
"""

from __future__ import annotations

from math import ceil, inf, log2
from typing import NamedTuple

from .supply import Arrival, Supply

TICK_S = 1 / 16
AFTER_S = 0.001  # after a tick: the moment to look, since nothing changes before the tick
WORDS_PER_SECOND = 16.0  # in the first gear
SLOWEST_GEAR = 3  # 2 words a second: nobody would sit through a slower one
FIRST_GEAR = 3  # until the first look at both sides
# When to look, after the first words, and how much of the pace to use that could be kept up: early
# on, little is known of it [s].
LOOKS = {1: 0.5, 4: 0.65, 16: 0.8, 64: 0.9}
HORIZON_S = 10.0  # over which words that have already arrived may be used up
REFILL_S = 1.0  # the supply of words needed before the clock resumes after running dry


class Beat(NamedTuple):
    """The state of the clock after a tick."""

    words: float
    gear: int
    dry: bool  # whether it waits for words


class Clock:
    """How many words of each side may be shown."""

    def __init__(self, a: Arrival, b: Arrival, fastest: float = WORDS_PER_SECOND) -> None:
        self._supply = Supply(a, b)
        self._fastest = fastest
        self._beats: list[Beat] = []

    @property
    def began(self) -> float:
        return self._supply.began

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
        looks = [int(look / TICK_S) for look in LOOKS if look / TICK_S > last]
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
        return beat.dry and self._supply.lasts(now) - beat.words < self._refill(beat.gear)

    def _rate(self, gear: int) -> float:
        return self._fastest / float(2**gear)

    def _refill(self, gear: int) -> float:
        return max(2.0, self._rate(gear) * REFILL_S)

    def _next(self, beat: Beat, tick: int) -> Beat:
        at = self.began + tick * TICK_S
        gear = self._gear(at, beat) if tick * TICK_S in LOOKS else beat.gear
        words = beat.words + self._rate(gear) * TICK_S
        if not beat.dry and int(words) == int(beat.words):
            return Beat(words, gear, dry=False)
        ready = self._supply.ready(at)
        if beat.dry and ready - beat.words < self._refill(gear):
            return Beat(beat.words, gear, dry=True)
        if int(words) > ready:
            return Beat(beat.words, min(gear + 1, SLOWEST_GEAR), dry=True)
        return Beat(words, gear, dry=False)

    def _gear(self, at: float, beat: Beat) -> int:
        """The one that can be kept up for a while."""
        expected, age = self._supply.expected(at), at - self.began
        if expected == inf:
            return 0
        spare = max(0.0, expected - beat.words) / HORIZON_S
        pace = LOOKS[round(age)] * ((expected - 1) / age + spare)
        gear = -int(log2(pace / self._fastest) // 1) if pace > 0 else SLOWEST_GEAR
        return min(max(gear, 0), SLOWEST_GEAR)
