"""Text that is safe to store, send and show: whole characters, no NUL, no stop strings."""

from __future__ import annotations

import codecs
import re

# What a database, a broker, JSON or XML cannot hold: halves of surrogate pairs, and the control
# characters other than tab and line ends.
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIRST_HALVES = ("\ud800", "\udbff")


def clean(text: str) -> str:
    """`text` as it can be stored: pairs of surrogates joined, a lone one as U+FFFD, control
    characters left out."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", text)


class Cleaner:
    """`clean` for text that comes in pieces: a pair may be split between two of them."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        text, self._held = self._held + piece, ""
        if text and _FIRST_HALVES[0] <= text[-1] <= _FIRST_HALVES[1]:
            text, self._held = text[:-1], text[-1]
        return clean(text)

    def flush(self) -> str:
        """What was held back, at the end."""
        text, self._held = self._held, ""
        return clean(text)


class TextAssembler:
    """Turns token bytes into text, up to the first stop string.

    A character may span tokens and a stop string may begin at the end of one: both are held back
    until it is known what they are.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stop = stop
        self._held = ""
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """The text that is certain now. `stopped` tells whether a stop string came."""
        text = self._held + clean(self._decoder.decode(piece))
        cut = self._first_stop(text)
        if cut is not None:
            self.stopped, self._held = True, ""
            return text[:cut]
        safe = len(text) - self._could_begin_stop(text)
        self._held = text[safe:]
        return text[:safe]

    def flush(self) -> str:
        """What was held back, at the end. Half a character is no text and is dropped."""
        text, self._held = self._held, ""
        return text

    def _first_stop(self, text: str) -> int | None:
        found = (text.find(stop) for stop in self._stop)
        return min((at for at in found if at >= 0), default=None)

    def _could_begin_stop(self, text: str) -> int:
        """The length of the longest end of `text` that some stop string begins with."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
