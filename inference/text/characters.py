"""Makes text safe to store, send and show: valid characters, no NUL, no stop strings, no keys."""

from __future__ import annotations

import re

# Characters that a database, a broker, JSON or XML cannot hold: lone surrogates, and control
# characters other than tab and line ends.
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIRST_HALVES = ("\ud800", "\udbff")


def clean(text: str) -> str:
    """`text` as it can be stored: surrogate pairs joined, lone surrogates replaced by U+FFFD,
    control characters removed."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", text)


def could_begin(text: str, strings: tuple[str, ...]) -> int:
    """The length of the longest suffix of `text` that is a proper prefix of one of the strings. It
    has to be held back until the next piece arrives."""
    longest = max(map(len, strings), default=1) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(string.startswith(text[-length:]) for string in strings):
            return length
    return 0


class Cleaner:
    """`clean` for text in pieces: a surrogate pair may be split between two of them."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        text, self._held = self._held + piece, ""
        if text and _FIRST_HALVES[0] <= text[-1] <= _FIRST_HALVES[1]:
            text, self._held = text[:-1], text[-1]
        return clean(text)

    def flush(self) -> str:
        """The text held back so far, at the end."""
        text, self._held = self._held, ""
        return clean(text)


class Scrubber:
    """Replaces a key in text that arrives in pieces. With an empty key it changes nothing."""

    def __init__(self, key: str) -> None:
        self._keys = (key,) if key else ()
        self._held = ""

    def feed(self, piece: str) -> str:
        text = self._held + piece
        for key in self._keys:
            text = text.replace(key, "[key]")
        safe = len(text) - could_begin(text, self._keys)
        self._held = text[safe:]
        return text[:safe]

    def flush(self) -> str:
        text, self._held = self._held, ""
        return text


class Stops:
    """Text up to the first stop string. It may be split between two pieces, so text that could be
    its beginning is held back."""

    def __init__(self, strings: tuple[str, ...]) -> None:
        self._strings = strings
        self._held = ""
        self.stopped = False

    def feed(self, piece: str) -> str:
        """The text that is final now. `stopped` says whether a stop string was found; all text
        after it is dropped."""
        if self.stopped:
            return ""
        text = self._held + piece
        found = (text.find(string) for string in self._strings)
        cut = min((at for at in found if at >= 0), default=None)
        if cut is not None:
            self.stopped, self._held = True, ""
            return text[:cut]
        safe = len(text) - could_begin(text, self._strings)
        self._held = text[safe:]
        return text[:safe]

    def flush(self) -> str:
        text, self._held = self._held, ""
        return text
