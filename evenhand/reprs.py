"""Parses lists and dictionaries as Python, numpy and pandas write them into a CSV file: with or
without commas, and optionally inside `array(..., dtype=object)`. One pass; nothing is evaluated."""

from __future__ import annotations

import ast
import re
from typing import Any

DEEPEST = 40
TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'[^'\\]*+(?:\\.[^'\\]*+)*+' | "[^"\\]*+(?:\\.[^"\\]*+)*+")
      | (?P<number>[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?)
      | (?P<name>[A-Za-z_][\w.]*+)
      | (?P<sign>[\[\](){},:=])
    )""",
    re.VERBOSE | re.DOTALL,
)
NAMES = {
    "True": True, "False": False, "None": None, "nan": None, "true": True, "false": False,
    "null": None, "np.True_": True, "np.False_": False,
}  # fmt: skip
CLOSING = {"[": "]", "(": ")", "{": "}"}


class NotRead(Exception):
    """The text is not in this notation."""


def read(text: str) -> Any:
    """Parse `text`. Raises NotRead."""
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._kind, self._token = "", ""
        self._advance()

    def whole(self) -> Any:
        value = self._value(0)
        if self._kind:
            raise NotRead
        return value

    def _advance(self) -> None:
        found = TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                raise NotRead
            self._kind = self._token = ""
            return
        self._at = found.end()
        self._kind = str(found.lastgroup)
        self._token = found[self._kind]

    def _take(self) -> tuple[str, str]:
        taken = self._kind, self._token
        self._advance()
        return taken

    def _value(self, depth: int) -> Any:
        kind, token = self._take()
        if kind == "text":
            return _literal(token)
        if kind == "number":
            return _literal(token)
        if kind == "name":
            return self._name(token, depth)
        if token in CLOSING and depth < DEEPEST:
            inside = self._items(CLOSING[token], depth + 1)
            return dict(inside) if token == "{" else [value for _, value in inside]
        raise NotRead

    def _name(self, name: str, depth: int) -> Any:
        """A constant, or a call like `array([...], dtype=object)`, whose value is its argument."""
        if self._token == "(" and depth < DEEPEST:
            self._advance()
            given = [value for key, value in self._items(")", depth + 1) if key is None]
            return given[0] if given else None
        if name not in NAMES:
            raise NotRead
        return NAMES[name]

    def _items(self, closing: str, depth: int) -> list[tuple[Any, Any]]:
        """Values with their keys up to the closing bracket; commas are optional."""
        found: list[tuple[Any, Any]] = []
        while self._token != closing or self._kind != "sign":
            found.append(self._item(closing, depth))
            if (self._kind, self._token) == ("sign", ","):
                self._advance()
        self._advance()
        return found

    def _item(self, closing: str, depth: int) -> tuple[Any, Any]:
        if closing == "}":
            key = self._value(depth)
            if self._take() != ("sign", ":") or not isinstance(key, str | int):
                raise NotRead
            return key, self._value(depth)
        if closing == ")" and self._kind == "name" and self._names_an_argument():
            name = self._token
            self._advance()
            self._advance()
            return name, self._argument(depth)
        return None, self._value(depth)

    def _names_an_argument(self) -> bool:
        return self._text[self._at : self._at + 1] == "="

    def _argument(self, depth: int) -> Any:
        """Skip a keyword argument's value, such as a type."""
        if self._kind == "name":
            return self._take()
        return self._value(depth)


def _literal(token: str) -> Any:
    """Parse a single string or number; as it is one token, this takes linear time."""
    try:
        return ast.literal_eval(token)
    except (ValueError, SyntaxError, MemoryError) as error:
        raise NotRead from error
