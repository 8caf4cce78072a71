"""Splits streamed text into lines for `Structure`."""

from __future__ import annotations

from .output import Output
from .structure import Structure

LINE = 2_000  # characters: a longer line is read in parts
LONGEST = 100_000  # characters read as Markdown; the rest is shown as plain text


class Reader:
    """Reads text in pieces. How it is split makes no difference to the output."""

    def __init__(self) -> None:
        self.out = Output()
        self.text = ""
        self._structure = Structure(self.out)
        self._line = ""  # the incomplete last line
        self._within = False  # whether a part of this line was read already
        self._plain = False

    def read(self, new: str) -> None:
        room = LONGEST - len(self.text)
        self.text += new
        if not self._plain:
            self._read_lines(new[:room])
        if len(new) > room:
            self._read_plain(new[room:] if room > 0 else new)

    def tail(self) -> list[str]:
        """The HTML that would complete the output now: the rest of the open block, and any blocks
        that the last line begins."""
        out = Output()
        structure = self._structure.fork(out)
        if self._line:
            self._read_into(structure, self._line.removesuffix("\r"))
        structure.close()
        return out.blocks

    def _read_lines(self, new: str) -> None:
        *lines, self._line = (self._line + new).split("\n")
        for line in lines:
            self._read_part(self._without_full_parts(line).removesuffix("\r"))
            self._within = False
        self._line = self._without_full_parts(self._line)

    def _without_full_parts(self, line: str) -> str:
        while len(line) > LINE:
            self._read_part(line[:LINE])
            line = line[LINE:]
        return line

    def _read_plain(self, new: str) -> None:
        if not self._plain:
            self._read_part(self._line)
            self._line, self._plain = "", True
            self._structure.plain()
        self._structure.more(new.replace("\r", " "))

    def _read_part(self, part: str) -> None:
        self._read_into(self._structure, part)
        self._within = True

    def _read_into(self, structure: Structure, part: str) -> None:
        (structure.more if self._within else structure.line)(part.replace("\r", " "))
