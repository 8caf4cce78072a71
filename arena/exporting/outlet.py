"""Exports a campaign to a file with a data card. A file appears only when it is complete."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from arena.errors import Code, Refused
from arena.models import Campaign, Vote
from arena.odd_rows import Skipping
from arena.plurals import counted

from . import skips
from .card import Facts, SkipFacts, card
from .consent import CONSENTED
from .formats import Format
from .votes import brought_to, exported, own_votes
from .writers import SUFFIXES, write

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Exported:
    path: Path
    card: Path
    votes: int
    left_out: int
    skips: Path | None = None
    skipped: int = 0
    odd: int = 0

    @property
    def files(self) -> list[Path]:
        return [file for file in (self.path, self.card, self.skips) if file]

    def sentences(self) -> Iterator[str]:
        votes, left_out = counted(self.votes, "vote"), counted(self.left_out, "vote")
        yield f"Exported {votes} to {self.path}; {self.card.name} describes them."
        if self.left_out:
            yield f"Left out {left_out} whose voters have not agreed to publication."
        if self.odd:
            yield odd_in_words(self.odd)
        if self.skips:
            yield f"Exported {counted(self.skipped, 'skipped battle')} to {self.skips.name}."


def export(
    format: Format,
    path: Path,
    slug: str,
    progress: Progress = lambda done: None,
    *,
    guarded: bool = False,
) -> Exported:
    """Write the votes of the campaign `slug` to `path`; a CSV file `guarded`, for a spreadsheet.
    Raises Refused."""
    if path.suffix not in SUFFIXES:
        raise Refused(f"{path.name} must end in one of {', '.join(SUFFIXES)}.", code=Code.BAD_FILE)
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        raise Refused(
            f"There is no campaign {slug!r}. Use the name in its page's address.",
            code=Code.NO_SUCH_CAMPAIGN,
        )
    if path.is_dir():
        raise Refused(f"{path} is a folder. Give a file in it.", code=Code.BAD_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _export(format, path, campaign, progress, guarded and path.suffix == ".csv")
    finally:
        for file in (path, skips_of(path)):
            _unfinished(file).unlink(missing_ok=True)


@transaction.atomic
def _export(
    format: Format, path: Path, campaign: Campaign, progress: Progress, guarded: bool
) -> Exported:
    with connection.cursor() as cursor:  # a consistent snapshot
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    agreed, elsewhere, left_out = numbers(campaign, format)
    total = agreed + elsewhere
    if not total:
        raise Refused(nothing_to_export(campaign, left_out), code=Code.NOTHING_TO_EXPORT)
    skipping = Skipping()
    votes = exported(campaign, counted_only=format.counted_only, skipping=skipping)
    rows = skipping.shown(votes, format.row)
    fresh, others = _unfinished(path), skips_of(path)
    counted_rows = counting(rows, total, progress)
    count = write(fresh, path.suffix, format.columns, counted_rows, guarded=guarded)
    skipped = _write_skips(others, campaign, guarded) if format.has_skips else None
    facts = Facts(
        campaign, format, path.name, sha256_of(fresh), count, elsewhere, left_out, timezone.now(),
        skipped, skipping.count, guarded,
    )  # fmt: skip
    described = card_of(path)
    described.write_text(card(facts), encoding="utf-8")
    if skipped is None:
        others.unlink(missing_ok=True)  # of an earlier export by this name
        fresh.rename(path)
        return Exported(path, described, count, left_out, odd=skipping.count)
    _unfinished(others).rename(others)
    fresh.rename(path)
    return Exported(path, described, count, left_out, others, skipped.battles, skipping.count)


def _write_skips(path: Path, campaign: Campaign, guarded: bool) -> SkipFacts:
    fresh = _unfinished(path)
    rows = skips.rows(campaign)
    battles = write(fresh, path.suffix, skips.COLUMNS, rows, guarded=guarded)
    return SkipFacts(path.name, sha256_of(fresh), battles, tuple(skips.COLUMNS))


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def skips_of(path: Path) -> Path:
    """The path of an export's skipped battles."""
    return path.with_name(f"{path.stem}.skips{path.suffix}")


def card_of(path: Path) -> Path:
    """The path of an export's data card."""
    return path.with_name(f"{path.stem}.README.md")


def numbers(campaign: Campaign, format: Format) -> tuple[int, int, int]:
    """How many votes of this arena and how many imported votes can be exported, and how many are
    left out for lack of consent."""
    own = own_votes(campaign)
    if format.counted_only:
        own = own.filter(standing=Vote.Standing.COUNTED)
    agreed = own.filter(CONSENTED).count()
    elsewhere = brought_to(campaign).count()
    return agreed, elsewhere, own.count() - agreed


def nothing_to_export(campaign: Campaign, left_out: int) -> str:
    if left_out:
        return (
            f"None of the {left_out:,} votes of {campaign.slug} can be exported: their voters have "
            "not agreed to publication."
        )
    if campaign.tallies.exists():
        return f"{campaign.slug} has only tallies, no individual votes to export."
    return f"{campaign.slug} has no votes yet."


def odd_in_words(odd: int) -> str:
    are = "is" if odd == 1 else "are"
    return f"{counted(odd, 'vote')} can't be written and {are} left out; the control room says why."


def counting(
    rows: Iterator[dict[str, Any]], total: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        yield row
        if number % 100 == 0:
            progress(number / total)
    progress(1.0)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
