"""How charts write numbers, days and sentences.

The site has languages, and says when it starts how they write (`ratings.apps`). Without it charts
are in English: they are drawn on the command line too, where there is no Django.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Language:
    """Attributes:
    text: a sentence in the language; number: a number, given as Python writes it.
    day: a day, and which of the site's formats it is written in.
    """

    text: Callable[[str], str] = str
    number: Callable[[str], str] = str
    day: Callable[[date, str], str] = lambda day, form: f"{day:%Y-%m-%d}"


class _Spoken:
    """The language in use."""

    now = Language()


def speak(language: Language) -> None:
    _Spoken.now = language


def gettext(text: str) -> str:
    return _Spoken.now.text(text)


def local(number: str) -> str:
    return _Spoken.now.number(number)


def date_format(day: date, form: str) -> str:
    return _Spoken.now.day(day, form)
