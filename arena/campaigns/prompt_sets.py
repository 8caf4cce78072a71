"""Prompts of a prepared campaign: from a file (CSV, JSON, JSON lines, Parquet), or typed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction

from ..battles import turns
from ..checking.kinds import KINDS, judge_for
from ..checking.outcomes import UnusableError
from ..errors import Code, Refused
from ..importing.characters import printable, unreadable
from ..importing.csv_rows import open_csv
from ..importing.encoding import Broken
from ..importing.errors import ImportRefused
from ..importing.files import Row, rows
from ..labels.foreign import foreign_language, is_among
from ..labels.languages import NAMES, code_of
from ..limits import PROMPTS
from ..models import Campaign, ExpectedAnswer, Prompt
from . import expectations

TEXT = ("prompt", "text")  # possible columns for the text
KEY = ("key", "id", "slug")
LANGUAGE = ("language",)
CHECK = ("check",)
EXPECTED = ("expected",)
TOLERANCE = ("tolerance",)
ALL = (TEXT, KEY, LANGUAGE, CHECK, EXPECTED, TOLERANCE)
SHOWN = 200  # characters of a header quoted in a message


def typed(text: str) -> Iterator[Row]:
    """One prompt per paragraph; blank lines separate them."""
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        if paragraph.strip():
            yield {"text": paragraph}


def check_names(path: Path) -> None:
    """Check the header of a CSV file. Raises ImportRefused."""
    if path.suffix.lower() != ".csv":
        return
    with open_csv(path) as file:
        if not {*TEXT} & {*file.header}:
            shown = printable(", ".join(file.header))[:SHOWN]
            raise ImportRefused(
                f"The first line of {path.name} has no column 'prompt' or 'text' but {shown}. Its "
                "columns must be separated by commas. No prompts were added."
            )


def of_file(path: Path) -> Iterator[Row]:
    """The rows of a file. Raises ImportRefused if it cannot be read, Refused for a row without a
    prompt."""
    for line, row in rows(path, lambda done: None):
        if isinstance(row, Broken):
            raise refusal(f"Line {line}: {row.reason}")
        if not value(row, TEXT):
            raise refusal(f"Line {line} has neither 'prompt' nor 'text'")
        if reason := unreadable("".join(value(row, names) for names in ALL)):
            raise refusal(f"Line {line}: {reason}")
        try:
            expectation_of(row)
        except UnusableError as error:
            raise refusal(f"Line {line}: {error}") from error
        yield row


def enter(campaign: Campaign, found: Iterable[Row]) -> int:
    """Add new prompts; returns how many. What rows expect holds for prompts that are there, too.
    Raises Refused, and then adds none."""
    if campaign.kind != Campaign.Kind.PREPARED:
        raise refusal(f"{campaign} is not a prepared campaign")
    new: dict[str, Prompt] = {}
    expected: dict[str, ExpectedAnswer] = {}
    for row in found:
        prompt = prompt_of(campaign, row)
        new[prompt.key] = prompt
        if expectation := checked_expectation(row):
            expected[prompt.key] = expectation
    if not new:
        raise refusal("There are no prompts")
    if len(new) > PROMPTS.of_campaign:
        raise refusal(f"There are more than {PROMPTS.of_campaign:,} prompts")
    before = campaign.prompts.count()
    with transaction.atomic():
        Prompt.objects.bulk_create(new.values(), batch_size=1_000, ignore_conflicts=True)
        expectations.enter(campaign, new, expected)
    return campaign.prompts.count() - before


def expectation_of(row: Row) -> ExpectedAnswer | None:
    """Without its prompt. Raises UnusableError."""
    kind, expected, tolerance = (value(row, names) for names in (CHECK, EXPECTED, TOLERANCE))
    if not (kind or expected or tolerance):
        return None
    if not kind:
        raise UnusableError(f"it has no 'check', which is one of {', '.join(KINDS)}")
    kind = kind.casefold()
    judge_for(kind, expected, tolerance)
    return ExpectedAnswer(kind=kind, expected=expected, tolerance=tolerance)


def checked_expectation(row: Row) -> ExpectedAnswer | None:
    """Raises Refused."""
    try:
        return expectation_of(row)
    except UnusableError as error:
        text = printable(value(row, TEXT))[:SHOWN]
        raise refusal(f"“{text}”: {error}") from error


def prompt_of(campaign: Campaign, row: Row) -> Prompt:
    """Without a key in the row, the key is a hash: the same text is the same prompt."""
    text = turns.checked_prompt(value(row, TEXT))
    key = value(row, KEY) or hashlib.sha256(text.encode()).hexdigest()[:16]
    language = value(row, LANGUAGE)[:10]
    foreign = foreign_to(campaign, text, language)
    if foreign:
        raise refusal(
            f"“{printable(text)[:SHOWN]}” is in a language ({foreign}) that is not one of the "
            f"campaign's ({campaign.languages})"
        )
    return Prompt(campaign=campaign, key=key[:80], text=text, language=language)


def foreign_to(campaign: Campaign, text: str, language: str) -> str:
    """The name of a prompt's language, given or found, if it is not one of the campaign's."""
    codes = campaign.language_codes
    if language and codes:
        return "" if is_among(code_of(language), codes) else language
    found = foreign_language(text, codes)
    return NAMES.get(found, found)


def value(row: Row, names: tuple[str, ...]) -> str:
    """The first non-empty scalar value among these columns."""
    found = (row[name] for name in names if isinstance(row.get(name), str | int | float))
    return next((text for each in found if (text := str(each).strip())), "")


def refusal(what: str) -> Refused:
    return Refused(f"{what}. No prompts were added.", code=Code.BAD_PROMPTS, status=400)
