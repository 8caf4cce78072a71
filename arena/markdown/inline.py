"""Renders inline markup: emphasis, code, links, formulas.

`pyromark` (pulldown-cmark) parses it, in linear time and without blocking other threads. As it also
parses blocks, it gets each text as a heading, which cannot contain any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import pyromark

from . import formulas
from .cleaning import escaped, inline_cleaner

_OPTIONS = pyromark.Options.ENABLE_STRIKETHROUGH
_TAGS = {"Emphasis": "em", "Strong": "strong", "Strikethrough": "s"}
DEEPEST = 10  # levels of nesting
# Placeholders: for a line end, which has to be white space for the parser; around the number of a
# formula; and for the end of the text, since a heading drops trailing markup.
_NEWLINE, _OPEN, _CLOSE = "\x0c", "\ue000", "\ue001"
_RESERVED = str.maketrans(dict.fromkeys(f"{_NEWLINE}{_OPEN}{_CLOSE}\0", "\ufffd"))
_BREAK = re.compile(r"(?<! )(?<!\t)[ \t]*\\?\n[ \t]*")
_FORMULA = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_URL = re.compile(r"(?<![\w/.@-])https?://[^\s<>\"`\ue000]+")
_HREF = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_TAG_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@lru_cache(maxsize=2048)
def inline(text: str) -> str:
    """The HTML of `text`. Cached, since all watchers of an answer render the same text."""
    return inline_cleaner.clean("".join(_Inline(text.translate(_RESERVED))))


class _Inline:
    """Iterates over pieces of HTML."""

    def __init__(self, text: str) -> None:
        self._spans: list[formulas.Span] = list(formulas.found(text))
        self._sources = [text[first:end] for first, end, _, _ in self._spans]
        self._line = _BREAK.sub(_NEWLINE, self._without_formulas(text)).strip()
        self._open: list[str] = []  # closing tags

    def _without_formulas(self, text: str) -> str:
        parts, at = [], 0
        for number, (first, end, _, _) in enumerate(self._spans):
            parts += [text[at:first], f"{_OPEN}{number}{_CLOSE}"]
            at = end
        return "".join([*parts, text[at:]])

    def __iter__(self) -> Iterator[str]:
        events = list(pyromark.events(f"# {self._line} {_CLOSE}", options=_OPTIONS))
        words: list[str] = []
        for event in events[1:-1]:
            if isinstance(event, Mapping) and "Text" in event:
                words.append(event["Text"])
                continue
            yield from self._said(words)
            words = []
            yield from self._tagged(event)
        yield from self._said(["".join(words).removesuffix(_CLOSE).removesuffix(" ")])

    def _tagged(self, event: Any) -> Iterator[str]:
        match event:
            case {"Code": code}:
                text = self._source(code).replace(_NEWLINE, " ")
                yield f'<code dir="ltr">{escaped(text)}</code>'
            case {"Start": tag}:
                yield self._start(tag)
            case {"End": _}:
                yield self._open.pop()
            case {"InlineHtml": tag}:
                yield "<br>" if _TAG_BREAK.fullmatch(tag) else escaped(self._source(tag))

    def _start(self, tag: Any) -> str:
        name, url = _TAGS.get(tag, "") if isinstance(tag, str) else "", ""
        if isinstance(tag, dict):
            [link] = tag.values()  # images become links: loading one could leak data
            url = self._source(link["dest_url"])
            name = "a" if _HREF.match(url) and "a" not in self._names else ""
        if len(self._open) >= DEEPEST:
            name = ""
        self._open.append(f"</{name}>" if name else "")
        if name == "a":
            return f'<a href="{escaped(url).replace(chr(34), "&quot;")}">'
        return f"<{name}>" if name else ""

    @property
    def _names(self) -> set[str]:
        return {tag[2:-1] for tag in self._open}

    def _said(self, words: list[str]) -> Iterator[str]:
        text = "".join(words)
        links = [] if "a" in self._names else list(_URL.finditer(text))
        at = 0
        for match in links:
            url = _trimmed(match[0])
            yield self._plain(text[at : match.start()])
            yield f'<a href="{escaped(url)}">{escaped(url)}</a>'
            at = match.start() + len(url)
        yield self._plain(text[at:])

    def _plain(self, text: str) -> str:
        text = escaped(text).replace(_NEWLINE, "<br>\n")
        return _FORMULA.sub(lambda match: self._formula(int(match[1])), text)

    def _formula(self, number: int) -> str:
        _, _, opener, content = self._spans[number]
        return formulas.html(opener, content)

    def _source(self, text: str) -> str:
        """Restore the source of formulas, where they are not rendered."""
        return _FORMULA.sub(lambda match: self._sources[int(match[1])], text)


def _trimmed(url: str) -> str:
    """`url` without the punctuation of a sentence, or a bracket around it."""
    extra = sum(map(url.count, ")]")) - sum(map(url.count, "(["))
    end = len(url)
    while end and (url[end - 1] in ".,:;!?'*_~" or (url[end - 1] in ")]" and extra > 0)):
        end -= 1
        extra -= url[end] in ")]"
    return url[:end]
