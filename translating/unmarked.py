"""Visible text of templates that no tag translates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.base import DebugLexer, TokenType

from .extraction import pages

# Attributes that people read or hear.
SPOKEN = ("alt", "aria-label", "aria-description", "content", "label", "placeholder", "title")
# Sentences that a template hands to another, or to a script.
HANDED = re.compile(r'\w="([^"]*)"')
FOR_SCRIPTS = re.compile(r'\sdata-[\w-]+="([^"]*\s[^"]*)"')
ATTRIBUTE = re.compile(rf'\s(?:{"|".join(SPOKEN)})="([^"]*)"')
TAG = re.compile(r"<!?/?[a-zA-Z](?:[^<>\"]|\"[^\"]*\")*>", re.DOTALL)
SILENT = re.compile(r"<(code|kbd|style|script)\b.*?</\1>", re.DOTALL)
ENTITY = re.compile(r"&#?\w+;")
WORD = re.compile(r"[^\W\d_]{2,}|\b[^\W\d_]\b(?=\s+\w)")
INSIDE, END = re.compile(r"^blocktrans(late)?\b"), re.compile(r"^endblocktrans(late)?\b")
STANDS_FOR_TAG = "\N{OBJECT REPLACEMENT CHARACTER}"

# Words that are the same in every language, and values that only programs read.
SAME = {
    "API", "Atom", "CSV", "Ctrl", "Elo", "Enter", "JSON", "Parquet", "UTC", "XXXX", "article",
    "device", "image", "initial", "large", "logit", "noindex", "png", "scale", "summary", "utf",
    "width", "zip",
}  # fmt: skip


def everywhere() -> list[str]:
    folder = settings.BASE_DIR / "templates"
    return [fault for file in pages(folder) if file.suffix == ".html" for fault in of(file)]


def of(file: Path) -> Iterator[str]:
    name = file.relative_to(settings.BASE_DIR)
    for text in texts(file.read_text()):
        yield f"{name}: {text!r} is not marked for translation."


def texts(source: str) -> Iterator[str]:
    """What people would read of a template in the language it is written in."""
    page = SILENT.sub(" ", _without_tags(source))
    seen = [*ATTRIBUTE.findall(page), *FOR_SCRIPTS.findall(page), *_handed_on(source)]
    seen += TAG.sub("\n", page).split("\n")
    for text in seen:
        words = set(WORD.findall(ENTITY.sub(" ", text)))
        if words - SAME:
            yield " ".join(text.replace(STANDS_FOR_TAG, "…").split())


def _handed_on(source: str) -> Iterator[str]:
    """As by `{% include "a.html" with label="Your prompt" %}`."""
    for token in DebugLexer(source).tokenize():
        if token.token_type == TokenType.BLOCK and not INSIDE.match(token.contents):
            yield from (text for text in HANDED.findall(token.contents) if _is_sentence(text))


def _is_sentence(text: str) -> bool:
    return text[:1].isupper() or " " in text


def _without_tags(source: str) -> str:
    """The template with a sign in place of each tag, and nothing of what is translated."""
    parts, is_inside = [], False
    for token in DebugLexer(source).tokenize():
        if token.token_type == TokenType.TEXT:
            parts.append("" if is_inside else token.contents)
        elif token.token_type == TokenType.BLOCK:
            is_inside = bool(INSIDE.match(token.contents)) or (
                is_inside and not END.match(token.contents)
            )
            parts.append(STANDS_FOR_TAG)
        elif token.token_type == TokenType.VAR:
            parts.append(STANDS_FOR_TAG)
    return "".join(parts)
