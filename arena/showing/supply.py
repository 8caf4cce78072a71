"""What both sides have sent, counted so that it does not matter which of them is the slower.

Whatever is shown is timed by the slower side, so whoever can tell which of both texts fits the
times knows that side. So what counts is a single amount: as much as *both* have written, each since
its own beginning. All words that lie within that amount of either text may be shown. Were the
speeds exchanged and the texts not, this would be the same.

After the first end, that amount goes on evenly, at the pace at which the slower side wrote as much
as the shorter answer has: so the longer answer, too, is judged by its beginning alone. Only if it
falls behind even this does it hold up the display. The reasons are in docs/decisions/0012.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf

from .words import WORD, Words

SLOWEST = 2.0 * WORD  # nobody would wait for a slower one [a second]
BRIEF = 8 * WORD  # a shorter answer says little about its side's pace,
BRIEF_PACE = 6.0 * WORD  # which is then assumed to be at most this
QUICKEST = 16_000.0 * WORD
GOING_ON = 0.9  # of its pace: the longer answer should not fall behind


class Arrival:
    """How much of one side's text had arrived by when [s]."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._times: list[float] = []
        self._sizes: list[int] = []
        self.ended = inf

    def hear(self, at: float) -> None:
        """Record that all of `words` has arrived by then."""
        if self.words.size > self.total:
            self._times.append(at)
            self._sizes.append(self.words.size)

    def end(self, at: float) -> None:
        self.hear(at)
        self.ended = at

    @property
    def latest(self) -> float:
        """When the last of it arrived; -inf if nothing has."""
        if self.ended < inf:
            return self.ended
        return self._times[-1] if self._times else -inf

    @property
    def total(self) -> int:
        return self._sizes[-1] if self._sizes else 0

    def has_ended(self, at: float) -> bool:
        return at >= self.ended

    def size(self, at: float) -> int:
        """How much had arrived by then."""
        count = bisect_right(self._times, at)
        return self._sizes[count - 1] if count else 0

    def reached(self, size: float) -> float:
        """When so much had arrived, or all of it."""
        index = bisect_left(self._sizes, size)
        return self._times[index] if index < len(self._times) else self.ended

    def words_in(self, size: float, at: float) -> float:
        """How many words lie within the first `size` of the text. Beyond what had arrived `at` that
        time, they are assumed to be as long as before; beyond its end nothing is missing."""
        if self.has_ended(at) and size >= self.total:
            return inf
        came = self.size(at)
        if size <= came:
            return self.words.within(size)
        known = self.words.within(came)
        return known * size / came if known else 0.0

    def whole_words(self, at: float) -> float:
        """How many words had arrived; after the end nothing is missing."""
        return inf if self.has_ended(at) else self.words.within(self.size(at))


class Supply:
    """Both sides as one."""

    def __init__(self, a: Arrival, b: Arrival) -> None:
        self._sides = a, b
        self._first = 0  # how much it takes for a first word of both
        self._starts = (inf, inf)  # when each side had that much

    @property
    def began(self) -> float:
        """When both had their first word, and as much as the longer of these takes."""
        if max(self._starts) == inf and all(side.words.ends for side in self._sides):
            self._first = 1 + max(side.words.end_of(0) for side in self._sides)
            a, b = (side.reached(self._first) for side in self._sides)
            self._starts = a, b
        return max(self._starts)

    def amount(self, at: float) -> float:
        """How much both had written so long after their beginnings."""
        age = at - self.began
        both = [*zip(self._sides, self._starts, strict=True)]
        wrote = min(side.size(start + age) for side, start in both)
        ends = [side.total for side in self._sides if side.has_ended(at) and side.total <= wrote]
        if not ends:
            return wrote
        took = max(0.0, *(side.reached(min(ends)) - start for side, start in both))
        return min(ends) + GOING_ON * self._pace(min(ends), took) * (age - took)

    def _pace(self, size: int, took: float) -> float:
        """Of the slower side, which took so long for `size` since its first word."""
        pace = (size - self._first) / took if took and size > self._first else inf
        return max(SLOWEST, min(pace, BRIEF_PACE if size < BRIEF else QUICKEST))

    def expected(self, at: float) -> float:
        """How many words of both the amount makes, by what is known of the texts."""
        return self._words_in(self.amount(at), at)

    def ready(self, at: float) -> float:
        """How many of these words are there."""
        return min(self.expected(at), *(side.whole_words(at) for side in self._sides))

    def lasts(self, at: float) -> float:
        """How many words could be shown in the end if nothing else arrived."""
        going = [side.size(at) for side in self._sides if not side.has_ended(at)]
        return self._words_in(min(going), at) if going else inf

    def _words_in(self, size: float, at: float) -> float:
        return min(side.words_in(size, at) for side in self._sides)
