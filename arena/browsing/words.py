"""From what an admin types to a full-text query, as `BattleWords` keeps the words."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery

# Scripts without spaces between words: each character is a word (migration 0041).
ALONE = re.compile("([\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
MOST_TERMS = 20


def query(typed: str) -> SearchQuery | None:
    """All of the words, each as the beginning of a word; "in this order" in quotes; -without. None
    if nothing of it is a word."""
    terms = [term for found in TERM.finditer(typed) if (term := _term(*found.groups()))]
    if not any(not term.startswith("!") for term in terms):
        return None
    return SearchQuery(" & ".join(terms[:MOST_TERMS]), config="simple", search_type="raw")


def _term(minus: str, phrase: str | None, word: str | None) -> str:
    text = ALONE.sub(r" \1 ", (phrase if word is None else word) or "")
    if not re.search(r"\w", text):
        return ""
    plain = re.sub(r"[\0'\\]", " ", text)
    is_beginning = word is not None and ALONE.search(word) is None
    return f"{'!' if minus else ''}'{plain}'{':*' if is_beginning else ''}"
