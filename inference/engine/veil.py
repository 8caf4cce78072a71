"""Distinguishes typed text from a template's text, so that only the template makes control tokens.

The text of a message stays text for every family of models, even if it spells a control token such
as "a turn begins" or "the end". Before a template gets the messages, every character with which
such a token begins is replaced by a private-use one, so that trimming, joining and cutting still
work. A token in the finished prompt that begins with a private character was typed: the prompt is
cut inside it, and the tokenizer, which gets the pieces one by one, never sees the whole token.

A role mark that is plain text to the model, such as "### Human:", cannot be distinguished from the
same words typed by a user: anyone can forge marks of that kind, here as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

_PRIVATE = range(0xF0000, 0xFFFFE)  # code points that no standard gives a meaning
_LOOKS_SPECIAL = re.compile(r"<[|｜].*[|｜]>", re.DOTALL)


@dataclass(frozen=True)
class SpecialTokens:
    """The texts that a tokenizer turns into one token before it splits words.

    `control` tokens are commands to the model. `defined` tokens may also be commands (some files
    declare their role marks that way) or plain pieces of text, such as "<table>".
    """

    control: frozenset[str]
    defined: frozenset[str]

    @cached_property
    def openings(self) -> frozenset[str]:
        """The characters with which they begin."""
        return frozenset(text[0] for text in self.control | self.defined)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        return tuple({len(text) for text in self.control | self.defined})


class Veil:
    """Covers the messages of one prompt, and cuts the prompt that a template builds from them."""

    def __init__(self, special: SpecialTokens, texts: Iterable[str]) -> None:
        """`texts` is all that goes into the prompt: its characters are not used as covers."""
        used = set().union(*texts)
        free = (code for code in _PRIVATE if chr(code) not in used)
        covers = dict(zip(free, sorted(special.openings), strict=False))
        self._special = special
        self._cover = {ord(opening): code for code, opening in covers.items()}
        self._uncover = covers
        self._covered = re.compile(f"[{''.join(map(chr, covers))}]" if covers else r"(?!)")

    def over(self, messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        return [{**each, "content": each["content"].translate(self._cover)} for each in messages]

    def pieces(self, prompt: str) -> list[str]:
        """The uncovered prompt, cut wherever typed text would become a control token."""
        plain = prompt.translate(self._uncover)
        typed = (match.start() for match in self._covered.finditer(prompt))
        written = _Written(self._special, prompt)
        cuts = [at + 1 for at in typed if written.begins(plain, at)]
        return [plain[start:end] for start, end in pairwise([0, *cuts, len(plain)])]


class _Written:
    """Decides which tokens are commands in this prompt."""

    def __init__(self, special: SpecialTokens, covered: str) -> None:
        self._special = special
        self._covered = covered
        self._known: dict[str, bool] = {}

    def begins(self, text: str, at: int) -> bool:
        """Whether a command begins there."""
        return any(self._is_command(text[at : at + size]) for size in self._special.lengths)

    def _is_command(self, text: str) -> bool:
        if text in self._special.control:
            return True
        if text not in self._special.defined:
            return False
        if text not in self._known:  # typed text is covered, so a match is the template's
            shown = _LOOKS_SPECIAL.fullmatch(text) or text in self._covered
            self._known[text] = bool(shown)
        return self._known[text]
