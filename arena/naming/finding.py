"""Whether an answer says which model wrote it, or who made that model.

A name alone says nothing: many answers are about vendors. It counts where the model speaks of
itself, so the search begins at "I am", "as a", "created me" and their like, and looks from there,
word by word, for a name. Each step looks a bounded number of characters ahead, so the time it takes
grows with the length of the answer and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .names import Names
from .own_words import lowered, own_words
from .phrases import SEPARATORS, Phrases, languages

STEPS = 16  # words between "I am" and a name
BEHIND, AHEAD = 80, 160  # characters that are looked at before and after a phrase
SOON = 40  # characters after a name within which it is said what its owner did
SHOWN = 200  # characters of an answer that are quoted
_APART = re.compile(SEPARATORS)
_STOP = re.compile(r"[.!?。！？](?=\s|$|[\u3040-\u9fff])|\n\n")
_POSSESSIVE = re.compile(r"['’]s ")
_VERSION = re.compile(r"[\s-]{0,2}\d[\w.]{0,8}")
_SURNAME = re.compile(r" [A-ZÀ-Þ][a-zß-ÿ]{2,}")
_AGE = re.compile(r"[^.!?]{0,40}\b\d{1,3} (?:years old|jahre alt|ans|años|anni|anos)")
_HELP = re.compile(
    r"how (?:can|may) i|help you|assist you|here to help|helfe (?:ihnen|dir)"
    r"|(?:ihnen|dir) helfen|vous aider|t['’]aider|ayudar(?:te|le)|aiutart|ajud|帮助|帮您|为您服务"
)


def named(text: str, names: Names, *, asked: bool = False) -> str:
    """The words around the first place where the answer names its own model or maker; empty if it
    does not. An answer to a prompt that `asked` for it may be the bare name."""
    spoken = own_words(text)
    answer = _Answer(spoken, names)
    for phrases in languages().values():
        for start, end in answer.told(phrases):
            return _quoted(text, start, end)
        if asked and (end := answer.begins(phrases)):
            return _quoted(text, 0, end)
    return ""


def _quoted(text: str, start: int, end: int) -> str:
    begin = max(0, start - 20)
    return " ".join(text[begin : max(end + 20, begin)][:SHOWN].split())


class _Answer:
    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.low = lowered(text)
        self.names = names

    def told(self, of: Phrases) -> Iterator[tuple[int, int]]:
        """Where it names itself in one language."""
        for anchors in (self._i_am, self._i_was, self._as_a, self._made_me, self._policy):
            yield from anchors(of)

    def begins(self, of: Phrases) -> int:
        """The end of the name that it begins with; 0 without one."""
        at = 0
        for _ in range(STEPS):
            if name := self._name_at(at):
                return name.end() if self._is_name(of, name, meant=True) else 0
            step = of.filler.match(self.low, at)
            if not step:
                return 0
            at = step.end()
        return 0

    def _i_am(self, of: Phrases) -> Iterator[tuple[int, int]]:
        for found in of.i_am.finditer(self.low):
            if self._is_stated(of, found.start()) and (end := self._self(of, found)):
                yield found.start(), end

    def _i_was(self, of: Phrases) -> Iterator[tuple[int, int]]:
        for found in of.i_was.finditer(self.low):
            if self._is_stated(of, found.start()) and (end := self._self(of, found, made=True)):
                yield found.start(), end

    def _as_a(self, of: Phrases) -> Iterator[tuple[int, int]]:
        for found in of.as_a.finditer(self.low):
            end = self._walk(of, found.end(), found.start())
            rest = self._sentence(end) if end else ""
            if not end or not of.me.search(rest):
                continue
            said = self.low[found.end() : end]
            if of.noun.search(said) or re.match(r",|\s\w+\s(?:ich)\b", rest):
                yield found.start(), end

    def _made_me(self, of: Phrases) -> Iterator[tuple[int, int]]:
        """A name, then "created me"; or, in Spanish, "me creó", then a name."""
        for found in of.made_me.finditer(self.low):
            behind = max(0, found.start() - BEHIND)
            for name in self.names.expression.finditer(self.low, behind, found.start()):
                if (
                    of.between.fullmatch(self.low, name.end(), found.start())
                    and self._is_stated(of, name.start())
                    and self._is_name(of, name, meant=True)
                ):
                    yield name.start(), found.end()
        for found in of.before.finditer(self.low):
            if self._is_stated(of, found.start()) and (
                end := self._walk(of, found.end(), found.start())
            ):
                yield found.start(), end

    def _policy(self, of: Phrases) -> Iterator[tuple[int, int]]:
        """It refuses because of the rules of its maker."""
        for found in of.policy.finditer(self.low):
            name = self._name_at(found.end())
            if name and of.rules.match(self.low, name.end()):
                around = self.low[max(0, found.start() - AHEAD) : name.end() + AHEAD]
                if of.refusal.search(around):
                    yield found.start(), name.end()

    def _is_stated(self, of: Phrases, start: int) -> bool:
        return not of.unless_ends.search(self.low[max(0, start - 24) : start])

    def _self(self, of: Phrases, found: re.Match[str], *, made: bool = False) -> int:
        """The end of the name that follows; 0 if none does."""
        end = self._walk(of, found.end(), found.start(), made=made)
        return end or self._walk_late(of, found)

    def _walk(self, of: Phrases, at: int, start: int, *, made: bool = False) -> int:
        """Word by word from `at` to a name; 0 if another word comes first."""
        for _ in range(STEPS):
            if name := self._name_at(at):
                return name.end() if self._is_meant(of, start, name, made=made) else 0
            step = of.filler.match(self.low, at)
            if not step or step.end() == at:
                return 0
            at = step.end()
        return 0

    def _walk_late(self, of: Phrases, found: re.Match[str]) -> int:
        """“I am an assistant that …, developed by NAME”."""
        end = found.end() + len(self._sentence(found.end()))
        first = self.low[found.end() : found.end() + SOON]
        if not of.noun.search(first):
            return 0
        for late in of.late.finditer(self.low, found.end(), end):
            if stop := self._walk(of, late.end(), late.start(), made=True):
                return stop
        return 0

    def _name_at(self, at: int) -> re.Match[str] | None:
        apart = _APART.match(self.low, at)
        return self.names.expression.match(self.low, apart.end() if apart else at)

    def _is_meant(self, of: Phrases, start: int, name: re.Match[str], *, made: bool) -> bool:
        said = self.low[start : name.start()]
        after = self.low[name.end() : name.end() + SOON]
        after = after[: stop.start()] if (stop := _STOP.search(after)) else after
        is_made = bool(of.made.search(said) or of.made.search(after))
        is_model = bool(of.noun.search(said))
        if made and not is_made:
            return False
        if of.by.search(said) and not (is_made or is_model):
            return False
        return self._is_name(of, name, meant=is_made or is_model)

    def _is_name(self, of: Phrases, name: re.Match[str], *, meant: bool) -> bool:
        """And no word, no person, and not that of somebody who works there."""
        end = name.end()
        if version := _VERSION.match(self.low, end):
            end, meant = version.end(), True
        if of.not_after.match(self.low, end):
            return False
        if its := _POSSESSIVE.match(self.low, end):
            return bool(of.filler.match(self.low, its.end()))
        if not self.names.is_word(name[0]):
            return True
        if not self.text[name.start()].isupper() and self.text[name.start()].isascii():
            return False
        return meant or self._is_model(of, name.start(), end)

    def _is_model(self, of: Phrases, start: int, end: int) -> bool:
        """Whether a name that might be a person's or a word is a model's here."""
        if surname := _SURNAME.match(self.text, end):
            return bool(of.noun.match(surname[0].lower(), 1))
        if _AGE.match(self.low, end):
            return False
        around = self.low[max(0, start - AHEAD) : end + AHEAD]
        return bool(of.noun.search(around) or _HELP.search(around) or of.made.search(around))

    def _sentence(self, at: int) -> str:
        rest = self.low[at : at + AHEAD]
        return rest[: stop.start()] if (stop := _STOP.search(rest)) else rest
