"""The plain CSV of docs/importing.md: model_a, model_b, winner, and optional columns."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from .. import fields
from ..csv_rows import csv_rows, open_csv
from ..errors import ImportRefused
from ..files import Row
from ..intake import Intake
from ..votes import ReadVote
from .arrow_csv import NEEDED, TEXTS, TIME, NotPlain, arrow_blocks

NAME = "csv"
KNOWN = (*NEEDED, *TEXTS.values(), TIME)
SHOWN = 200  # characters of a header quoted in a message


def bring(path: Path, intake: Intake) -> None:
    """Read the file by columns, which is fast; row by row if anything in it is irregular."""
    with open_csv(path) as file:
        header = file.header
    check(header, path)
    intake.rejects.columns = [name for name in header if name not in KNOWN]
    try:
        with transaction.atomic():
            intake.take(arrow_blocks(path, header, intake.progress))
    except NotPlain:
        intake.start_over()
        intake.take_from(csv_rows(path, intake.progress), vote)


def check(header: list[str], path: Path) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing or len(set(header)) < len(header):
        fault = f"lacks the column {missing[0]!r}" if missing else "names a column twice"
        known = ", ".join(KNOWN)
        raise ImportRefused(
            f"The first line of {path.name} {fault}: {', '.join(header):.{SHOWN}}. The columns are "
            f"{known}, separated by commas; the first three are required. Nothing was imported."
        )


def vote(row: Row) -> ReadVote:
    return ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=fields.verdict(row),
        key=fields.optional(row, TEXTS["key"]),
        voter=fields.optional(row, TEXTS["voter"]),
        item=fields.optional(row, TEXTS["item"]),
        language=fields.language(row),
        at=fields.time(row, TIME),
    )
