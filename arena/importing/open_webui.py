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
from .labelling import answers_of, labelled, prompts_of, styled
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
    chat = list(asked(row))[::-1]
    instead = [*chat[:-1], answered_instead(row, other)]
    found = labelled(read, prompts_of(chat))
    return styled(found, answers_of(chat), answers_of(instead)) if instead[-1] else found


def messages_of(row: Row) -> Any:
    """By their names, from the chat that came with the feedback."""
    return within(row, "snapshot", "chat", "chat", "history", "messages")


def answered_instead(row: Row, model: str) -> Any:
    """What the other model said to the same message; None where that is not known."""
    messages, at = messages_of(row), within(row, "meta", "message_id")
    asked = within(messages, at, "parentId") if isinstance(at, str) else None
    for name, message in messages.items() if isinstance(messages, dict) else ():
        same = within(message, "parentId") == asked and within(message, "model") == model
        if asked is not None and name != at and same:
            return message
    return None


def asked(row: Row) -> Iterator[Any]:
    """The messages that led to the answer, and it, backwards."""
    messages, at = messages_of(row), within(row, "meta", "message_id")
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
