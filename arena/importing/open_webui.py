"""Feedback exported from Open WebUI: which of several answers somebody preferred."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from arena.models import Verdict

from . import fields
from .errors import BadRow, NotAVote
from .files import Row
from .intake import Intake
from .labelling import labelled, prompts_of
from .votes import ReadVote

WINS, LOSES = "1", "-1"


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    """A thumb up is a win over the other answer, a thumb down a loss. Ties can't be said there."""
    data = fields.parsed(row.get("data"), "data")
    if not isinstance(data, dict):
        raise BadRow("it has no 'data'")
    model, other = fields.text(data, "model_id"), sibling(data)
    rating = str(data.get("rating"))
    if rating not in (WINS, LOSES):
        raise NotAVote("feedback without a verdict")
    read = ReadVote(
        model_a=model,
        model_b=other,
        verdict=Verdict.A.value if rating == WINS else Verdict.B.value,
        key=fields.optional(row, "id"),
        voter=fields.pseudonym(fields.optional(row, "user_id")),
        at=fields.time(row, "created_at"),
    )
    return labelled(read, prompts_of(list(asked(row))[::-1]))


def asked(row: Row) -> Iterator[Any]:
    """The messages that led to the answer, backwards, from the chat that came with the feedback."""
    messages = within(row, "snapshot", "chat", "chat", "history", "messages")
    at = within(row, "meta", "message_id")
    seen = set()  # whoever made the file may have led it in a circle
    while isinstance(at, str) and at not in seen:
        seen.add(at)
        yield within(messages, at)
        at = within(messages, at, "parentId")


def within(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def sibling(data: Row) -> str:
    siblings = data.get("sibling_model_ids")
    if not siblings:
        raise NotAVote("feedback on a single answer")
    if not isinstance(siblings, list) or not all(isinstance(name, str) for name in siblings):
        raise BadRow("'sibling_model_ids' is not a list of names")
    if len(siblings) > 1:
        raise NotAVote("feedback on more than two answers")
    return str(siblings[0])
