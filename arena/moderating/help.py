"""Whom to turn to in a crisis (`data/help.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

FILE = Path(__file__).parent / "data" / "help.toml"


@dataclass(frozen=True)
class Line:
    name: str
    contact: str  # a number to call, or an address
    url: str = ""
    source: str = ""  # where that was found

    @property
    def link(self) -> str:
        return self.url or f"tel:{self.contact.replace(' ', '')}"


def lines() -> list[Line]:
    """In the language of the page, else of the site."""
    known = _lines()
    return known.get(get_language() or "", known[settings.LANGUAGE_CODE])


@cache
def _lines() -> dict[str, list[Line]]:
    data = tomllib.loads(FILE.read_text("utf-8"))
    return {language: [Line(**one) for one in some] for language, some in data.items()}
