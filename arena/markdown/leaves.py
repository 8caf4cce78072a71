"""Leaf blocks, which contain text: they take lines, and write HTML as soon as it is final."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Self

from . import formulas
from .cleaning import clean_text, escaped, inline_cleaner
from .inline import inline
from .lines import Line, cells
from .output import Output

# A long paragraph is rendered in parts: beyond SETTLED characters it is cut after a line or a
# sentence where no markup is open, and beyond PARAGRAPH characters at any space.
SETTLED, PARAGRAPH = 600, 2_000
_ENDS = ("\n", ". ", "。")
FORMULA = 2_000


class Leaf:
    """A block that takes further lines. `add` takes a new line, `more` the rest of a long one."""

    def fork(self) -> Self:
        return copy.copy(self)

    def more(self, text: str, out: Output) -> bool:
        """Take the rest of a long line. False if this kind of block can't."""
        return False

    def close(self, out: Output) -> None:
        """Write the rest and the end of the block."""


@dataclass
class Paragraph(Leaf):
    """`tag` is empty for the first paragraph of a list item, which has no <p>."""

    tag: str
    text: str = ""
    begun: bool = False  # whether some of it is written
    whole_lines: bool = True  # whether `text` begins at the start of a line
    tried: int = 0  # up to where `text` can't be cut

    def add(self, text: str, out: Output) -> None:
        self.text = f"{self.text}\n{text}" if self.text else text
        self._write_long(out)

    def more(self, text: str, out: Output) -> bool:
        self.text += text
        self._write_long(out)
        return True

    def _write_long(self, out: Output) -> None:
        while len(self.text) > SETTLED and (cut := self._cut()):
            self.whole_lines = self.text[cut - 1] == "\n"
            self._write(self.text[:cut], out)
            self.text, self.tried = self.text[cut:], 0

    def _cut(self) -> int:
        """Where to cut off the part that is rendered now; 0 to wait for more text."""
        end, tried, self.tried = PARAGRAPH, self.tried, min(len(self.text), PARAGRAPH)
        for _ in range(8):
            end = max(self.text.rfind(mark, 0, end - 1) + len(mark) for mark in _ENDS)
            if end < SETTLED // 2 or end <= tried:
                break
            if _is_settled(self.text[:end]):
                return end
        if len(self.text) <= PARAGRAPH:
            return 0
        return self.text.rfind(" ", PARAGRAPH // 2, PARAGRAPH) + 1 or PARAGRAPH

    def _write(self, text: str, out: Output) -> None:
        if self.tag and not self.begun:
            out.write(f"<{self.tag}>")
        self.begun = True
        end = "<br>\n" if text.endswith("\n") else " " if text[-1].isspace() else ""
        out.write(inline(text.rstrip()) + end)

    def last_line(self) -> str | None:
        """The last line, if it may be the head of a table."""
        head, _, line = self.text.rpartition("\n")
        return line if head or self.whole_lines else None

    def without_last_line(self, out: Output) -> None:
        """Close the paragraph without its last line, which belongs to a table."""
        self.text = self.text.rpartition("\n")[0]
        self.close(out)

    def close(self, out: Output) -> None:
        if self.text.strip():
            self._write(self.text.rstrip(), out)
        if self.tag and self.begun:
            out.write(f"</{self.tag.split()[0]}>\n")


@dataclass
class Code(Leaf):
    """Code, fenced or indented; `fence` is empty if it is indented."""

    fence: str = ""
    indent: int = 0
    language: str = ""
    begun: bool = False
    blanks: str = ""  # blank lines, which belong to it only if more code follows

    def open(self, out: Output) -> None:
        language = f' class="language-{self.language}"' if self.language else ""
        out.write(f'<pre dir="ltr" tabindex="0"><code{language} dir="ltr">')

    def ends_with(self, line: Line) -> bool:
        body = line.body.rstrip()
        return (
            bool(self.fence)
            and line.indent < 4
            and len(body) >= len(self.fence)
            and body == self.fence[0] * len(body)
        )

    def add(self, line: Line, out: Output) -> None:
        line.skip(self.indent)
        if not self.fence and line.blank:
            self.blanks += "\n"
            return
        out.write(("\n" if self.begun else "") + self.blanks + clean_text(line.text))
        self.begun, self.blanks = True, ""

    def more(self, text: str, out: Output) -> bool:
        out.write(clean_text(text))
        return True

    def close(self, out: Output) -> None:
        out.write("\n</code></pre>\n" if self.begun else "</code></pre>\n")


@dataclass
class Formula(Leaf):
    """A displayed formula over several lines; shown as source until it is closed."""

    opener: str
    text: str = ""
    begun: bool = False
    ended: bool = False

    def add(self, line: str) -> str | None:
        """Add a line. Returns the text after the closing delimiter; None without one."""
        closer = formulas.CLOSERS[self.opener]
        content, found, rest = line.partition(closer)
        self.text = f"{self.text}\n{content}" if self.begun else content
        self.begun = True
        self.ended = bool(found)
        return rest if found else None

    @property
    def too_long(self) -> bool:
        return len(self.text) > FORMULA

    def close(self, out: Output) -> None:
        content = self.text.strip()
        maths = formulas.mathml(content, displayed=True) if self.ended and content else None
        if maths is not None:
            html = inline_cleaner.clean(formulas.html(self.opener, content))
            out.write(f"<p>{html}</p>\n")
            return
        end = formulas.CLOSERS[self.opener] if self.ended else ""
        source = clean_text(self.opener + self.text + end).replace("\n", "<br>\n")
        out.write(f'<p><code dir="ltr">{source}</code></p>\n')


@dataclass
class Table(Leaf):
    """A table. Short rows are not filled up: that could turn a short text into a huge page."""

    aligned: list[str]  # class attributes of its columns
    filled: bool = False  # whether it has rows

    @classmethod
    def under(cls, head: str, delimiters: str) -> Self | None:
        """The table that these two lines begin; None if they don't."""
        columns = cells(delimiters)
        if "|" not in head + delimiters or len(cells(head)) != len(columns):
            return None
        return cls([_alignment(column) for column in columns])

    def open(self, head: str, direction: str, out: Output) -> None:
        out.write(f'<table{direction} tabindex="0">\n<thead>\n{self._row(head, "th")}</thead>\n')

    def add(self, row: str, out: Output) -> None:
        if not self.filled:
            out.write("<tbody>\n")
            self.filled = True
        out.write(self._row(row, "td"))

    def _row(self, row: str, tag: str) -> str:
        filled = zip(self.aligned, cells(row), strict=False)
        inside = "".join(f"<{tag}{css}>{inline(text)}</{tag}>\n" for css, text in filled)
        return f"<tr>\n{inside}</tr>\n"

    def close(self, out: Output) -> None:
        out.write("</tbody>\n</table>\n" if self.filled else "</table>\n")


def _is_settled(text: str) -> bool:
    pairs = all(text.count(mark) % 2 == 0 for mark in "`*_$~")
    return pairs and text.count("[") == text.count("]") and text.count("\\(") == text.count("\\)")


def _alignment(delimiter: str) -> str:
    sides = (delimiter.startswith(":"), delimiter.endswith(":"))
    css = {(True, True): "center", (False, True): "right", (True, False): "left"}.get(sides)
    return f' class="{css}"' if css else ""


def language_of(info: str) -> str:
    """The language after a fence, if it looks like a name; otherwise ""."""
    name = info.strip().split(" ")[0].split("{")[0].strip().lower()
    fits = name.isascii() and name.replace("+", "").replace("#", "").replace("-", "").isalnum()
    return escaped(name) if fits and len(name) <= 30 else ""
