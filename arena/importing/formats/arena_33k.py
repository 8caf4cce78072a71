"""Chatbot Arena's 33,000 conversations of 2023 (`chatbot_arena_conversations`)."""

from __future__ import annotations

from pathlib import Path

from .. import fields
from ..errors import NotAVote
from ..files import Row
from ..intake import Intake
from ..labelling import with_conversations
from ..votes import ReadVote


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    check_blind(row)
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=fields.verdict(row),
        key=fields.optional(row, "question_id"),
        voter=fields.optional(row, "judge"),
        language=fields.language(row),
        at=fields.time(row, "tstamp"),
    )
    return with_conversations(read, row)


def check_blind(row: Row) -> None:
    """Skip votes of people who had chosen the two models themselves: they were not blind."""
    if row.get("anony", True) in (False, "False", "false"):
        raise NotAVote("votes on models whose names were shown")
