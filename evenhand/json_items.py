"""Streams the items of a JSON array of any length."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

CHUNK = 1 << 20  # characters
_space = re.compile(r"[\s,]*")
_decode = json.JSONDecoder().raw_decode


class JsonBroken(Exception):
    """The array ends or breaks in its middle; the message names the line."""


def items(read: Callable[[int], str], longest: int) -> Iterator[tuple[int, Any]]:
    """The items with the lines they begin on. `read` returns the next so many characters; no item
    may have more than `longest`. Raises JsonBroken."""
    window = _Window(read, longest)
    window.open_array()
    while (item := window.next()) is not None:
        yield item


class _Window:
    """The part of the file in memory: about one item, or one chunk."""

    def __init__(self, read: Callable[[int], str], longest: int) -> None:
        self._more = read
        self._longest = longest
        self._text = ""
        self._at = 0
        self._line = 1

    def open_array(self) -> None:
        self._skip_space()
        if self._text[self._at : self._at + 1] != "[":
            raise JsonBroken(f"line {self._line}: a JSON array must begin with '['.")
        self._at += 1

    def next(self) -> tuple[int, Any] | None:
        """The next item with its line; None at the array's end."""
        self._skip_space()
        if self._text[self._at : self._at + 1] == "]":
            return None
        line = self._line
        while True:
            try:
                item, end = _decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._too_long() or not self._read(max(CHUNK, len(self._text))):
                    raise JsonBroken(f"line {line}: the JSON is incomplete or invalid.") from error
                continue
            if end < len(self._text) or not self._read(CHUNK):  # otherwise a number might continue
                self._line += self._text.count("\n", self._at, end)
                self._at = end
                return line, item

    def _skip_space(self) -> None:
        while True:
            space = _space.match(self._text, self._at)
            end = space.end() if space else self._at
            self._line += self._text.count("\n", self._at, end)
            self._at = end
            if self._at < len(self._text) or not self._read(CHUNK):
                return

    def _too_long(self) -> bool:
        return len(self._text) - self._at > self._longest

    def _read(self, size: int) -> bool:
        """Drop the text already parsed and read more; False at the end of the file."""
        more = self._more(size)
        if more:
            self._text = self._text[self._at :] + more
            self._at = 0
        return bool(more)
