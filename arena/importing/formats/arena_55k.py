"""Chatbot Arena's 55,000 votes of 2024 (`arena-human-preference-55k`): one column per verdict."""

from __future__ import annotations

from pathlib import Path

from arena.models import Verdict

from .. import fields
from ..errors import BadRow
from ..files import Row
from ..intake import Intake
from ..labelling import with_texts
from ..votes import ReadVote

COLUMNS = {
    "winner_model_a": Verdict.A.value,
    "winner_model_b": Verdict.B.value,
    "winner_tie": Verdict.TIE.value,
}


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=verdict(row),
        key=fields.optional(row, "id"),
    )
    return with_texts(read, row)


def verdict(row: Row) -> str:
    """This release does not distinguish "both bad" from a tie."""
    said = [verdict for name, verdict in COLUMNS.items() if str(row.get(name)) in ("1", "1.0")]
    if len(said) != 1:
        raise BadRow(f"exactly one of {', '.join(COLUMNS)} must be 1, but {len(said)} are")
    return said[0]
