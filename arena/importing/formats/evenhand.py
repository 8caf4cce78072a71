"""This arena's own export, with its labels and what voters said by criterion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arena.labels.categories import CATEGORIES
from arena.labels.criteria import CRITERIA
from arena.labels.slices import LENGTHS, length_slice
from arena.models import Verdict

from .. import fields
from ..characters import quoted
from ..errors import BadRow, NotAVote
from ..files import Row
from ..intake import Intake
from ..labelling import labelled, styled
from ..votes import ReadVote

UNKNOWN = "some of their criteria are not known here and were left out"


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    if fields.optional(row, "standing") not in ("", "COUNTED"):
        raise NotAVote("votes that the arena does not count")
    said = criteria(row)
    known = {key: verdict for key, verdict in said.items() if key in CRITERIA}
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=verdict(row.get("verdict"), "verdict"),
        key=fields.optional(row, "id"),
        voter=fields.optional(row, "voter"),
        item=fields.optional(row, "item"),
        language=fields.language(row),
        at=fields.time(row, "at"),
        labels=labels(row),
        criteria=" ".join(f"{key}:{verdict}" for key, verdict in known.items()),
        remark=UNKNOWN if len(known) < len(said) else "",
    )
    return with_turns(read, row)


def verdict(value: Any, name: str) -> str:
    if value not in Verdict.values:
        raise BadRow(f"{name} {quoted(value)} is not one of {', '.join(Verdict.values)}")
    return str(value)


def criteria(row: Row) -> dict[str, str]:
    found = listed(row, "criteria", {})
    if not isinstance(found, dict):
        raise BadRow("'criteria' does not name criteria and verdicts")
    return {key: verdict(said, f"criterion {quoted(key)}") for key, said in found.items()}


def labels(row: Row) -> str:
    """The labels in the export; empty if the vote had none."""
    given = listed(row, "categories", [])
    categories = [slug for slug in CATEGORIES if isinstance(given, list) and slug in given]
    length = fields.optional(row, "length")
    return " ".join([*categories, *([length_slice(length)] if length in LENGTHS else [])])


def with_turns(read: ReadVote, row: Row) -> ReadVote:
    """With the style of its answers, and labels by our rules if it had none."""
    turns = listed(row, "turns", [])
    turns = [turn for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    found = read if read.labels else labelled(read, texts(turns, "prompt"))
    return styled(found, texts(turns, "answer_a", "text"), texts(turns, "answer_b", "text"))


def texts(turns: list[Row], *names: str) -> list[str]:
    return [text for turn in turns if isinstance(text := within(turn, *names), str)]


def within(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def listed(row: Row, name: str, empty: Any) -> Any:
    """A list or object, which is JSON text in a CSV file."""
    value = row.get(name)
    return empty if fields.is_missing(value) or value == "" else fields.parsed(value, name)
