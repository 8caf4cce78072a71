"""Chatbot Arena's 100,000 votes of 2024 (`arena-human-preference-100k`)."""

from __future__ import annotations

from pathlib import Path

from .. import fields
from ..files import Row
from ..intake import Intake
from ..labelling import tags_of, with_conversations
from ..votes import ReadVote
from .arena_33k import check_blind


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    check_blind(row)
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=fields.verdict(row),
        key=fields.optional(row, "question_id"),
        voter=fields.optional(row, "judge_hash"),
        language=fields.language(row),
        at=fields.time(row, "tstamp"),
    )
    return with_conversations(read, row, tags_of(row))
