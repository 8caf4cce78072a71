"""Chatbot Arena's 140,000 votes of 2025 (`arena-human-preference-140k`)."""

from __future__ import annotations

from pathlib import Path

from .. import fields
from ..files import Row
from ..intake import Intake
from ..labelling import tags_of, with_conversations
from ..votes import ReadVote


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    """The release names no voters, but all votes of a session are by the same person."""
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=fields.verdict(row),
        key=fields.optional(row, "id"),
        voter=fields.optional(row, "evaluation_session_id"),
        language=fields.language(row),
        at=fields.time(row, "timestamp"),
    )
    return with_conversations(read, row, tags_of(row))
