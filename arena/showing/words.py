"""Text in the units in which it is shown: whole words, however the stream had split them.

A unit is a word with the white space before it. In scripts without spaces between words it is two
characters; a very long word is split into units of forty letters, so that a page never waits for
the end of an endless word. Where a unit ends depends on the text alone, not on how it arrived.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from itertools import groupby

_LONGEST = 40  # letters of a word, in one unit
_BLANKS = 80  # white space before a word, in one unit
_MARKS = 32  # combining marks and joined emoji of one letter
_PER_WORD = 3  # what a complete word adds to its letters: then size is about as the tokens are
WORD = 9  # the size of a usual word with the space before it

# Thai, Lao, Tibetan, Burmese, Khmer, Chinese and Japanese.
_SPACELESS = r"\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff"  # noqa: E501


def _marks() -> str:
    """Combining marks, as a character class of a regular expression."""
    marks = [c for c in range(0x20000) if unicodedata.category(chr(c)).startswith("M")]
    runs = [[c for _, c in run] for _, run in groupby(enumerate(marks), lambda p: p[1] - p[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)


_MARK = rf"[{_marks()}\U0001f3fb-\U0001f3ff]"
_FLAG = r"[\U0001f1e6-\U0001f1ff]"
_LETTER = rf"(?:{_FLAG}{{2}}|\S)(?:{_MARK}|\u200d\S?){{0,{_MARKS}}}+"
_UNIT = re.compile(
    rf"\s{{0,{_BLANKS}}}+(?:"
    rf"(?:(?=[{_SPACELESS}]){_LETTER}){{1,2}}+"
    rf"|(?:(?![{_SPACELESS}]){_LETTER}){{1,{_LONGEST}}}+"
    rf")|\s{{{_BLANKS}}}"
)


class Words:
    """A growing text, and where its complete units end."""

    def __init__(self) -> None:
        self.text = ""
        self.ends: list[int] = []

    def __len__(self) -> int:
        return len(self.ends)

    def write(self, piece: str) -> None:
        self.text += piece
        for unit in iter(self._next, None):
            if unit.end() == len(self.text):
                return  # it may go on
            self.ends.append(unit.end())

    def close(self) -> None:
        """Complete the last word, as the text is complete."""
        if unit := self._next():
            self.ends.append(unit.end())
        if len(self.text) > self._seen:
            self.ends[-1:] = [len(self.text)]

    @property
    def size(self) -> int:
        """About in proportion to the time that it takes to write. The last word of a complete text
        adds no more than before it was known to be the last."""
        is_whole = self._seen == len(self.text)
        return len(self.text) + _PER_WORD * max(0, len(self.ends) - is_whole)

    def end_of(self, index: int) -> int:
        """The size of the text up to the end of a unit."""
        return self.ends[index] + _PER_WORD * (index + 1)

    def within(self, size: float) -> int:
        """How many units end before that size."""
        return bisect_left(range(len(self.ends)), size, key=self.end_of)

    def first(self, count: int) -> str:
        """The text of that many units; all of it when there are no more."""
        if count <= 0:
            return ""
        return self.text[: self.ends[min(count, len(self.ends)) - 1]] if self.ends else ""

    @property
    def _seen(self) -> int:
        return self.ends[-1] if self.ends else 0

    def _next(self) -> re.Match[str] | None:
        return _UNIT.match(self.text, self._seen)


def words(text: str) -> Words:
    """The units of a complete text."""
    complete = Words()
    complete.write(text)
    complete.close()
    return complete


def cut(text: str, count: int) -> str:
    """The part of `text` that was seen when `count` of its units were shown."""
    return words(text).first(count)
