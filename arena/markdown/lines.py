"""A line of Markdown, consumed from the left, and the markers that may begin it."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAB = 4
FENCE = re.compile(r"(`{3,})([^`]*)|(~{3,})(.*)", re.DOTALL)
HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
HEADING_END = re.compile(r"(?:^|(?<=[ \t]))#+$")
RULE = re.compile(r"(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}")
MARKER = re.compile(r"([-+*])(?=[ \t]|$)|(\d{1,9})([.)])(?=[ \t]|$)")
UNDERLINE = re.compile(r"=+|-+")
DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)*(?:[ \t]*\|)?")
TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass
class Line:
    """`text` is the rest of the line, from `column` on."""

    text: str
    column: int = 0

    @property
    def blank(self) -> bool:
        return not self.text or self.text.isspace()

    @property
    def body(self) -> str:
        return self.text.lstrip(" \t")

    @property
    def indent(self) -> int:
        """The width of leading white space; a tab extends to the next tab stop."""
        column = self.column
        for sign in self.text:
            if sign == "\t":
                column += TAB - column % TAB
            elif sign == " ":
                column += 1
            else:
                break
        return column - self.column

    def skip(self, columns: int) -> None:
        """Consume so many columns of white space; the rest of a tab remains as spaces."""
        goal = self.column + min(columns, self.indent)
        at = 0
        while self.column < goal:
            self.column += TAB - self.column % TAB if self.text[at] == "\t" else 1
            at += 1
        self.text = " " * (self.column - goal) + self.text[at:]
        self.column = goal

    def skip_quote_mark(self) -> None:
        self.take(1)
        if self.indent:
            self.skip(1)

    def take(self, length: int) -> None:
        """Consume the leading white space and `length` characters after it."""
        self.skip(self.indent)
        self.text, self.column = self.text[length:], self.column + length


def cells(row: str) -> list[str]:
    """The cells of a table row."""
    row = row.strip()
    row = row.removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(row)]
