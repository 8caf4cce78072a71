"""Feedback exported from Open WebUI: which of two answers somebody preferred.

Every rating (thumb up or down) is a separate record about one answer, with the models of the
others. So one judgement may be split into two records: a thumb up for one answer and a thumb down
for the other. An arena chat names a mask such as `arena-model`; the real model is in the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arena.models import Verdict

from .. import fields
from ..encoding import Broken
from ..errors import BadRow, NotAVote
from ..files import Row, rows
from ..intake import Intake
from ..labelling import answers_of, labelled, prompts_of, styled
from ..votes import ReadVote

UP, DOWN = "1", "-1"
MASK = "arena-model"  # the default name of an arena
Judgement = tuple[str, ...]  # identifies who judged which two answers


@dataclass
class Thumbs:
    """The ratings of one judgement, by the rated model."""

    key: str  # of the oldest record, so that it stays the same when the file grows
    first: tuple[str, str]
    by_model: dict[str, tuple[str, str]] = field(default_factory=dict)  # newest time, rating

    def add(self, record: Record) -> None:
        if record.made < self.first:
            self.key, self.first = record.id, record.made
        known = self.by_model.get(record.model)
        if known is None or known[0] <= record.changed:
            self.by_model[record.model] = record.changed, record.rating

    def verdict(self, model: str, other: str) -> str:
        """Two thumbs up are a tie, two thumbs down are both bad."""
        ratings = [self.by_model.get(name, ("", ""))[1] for name in (model, other)]
        said = {
            (UP, UP): Verdict.TIE, (DOWN, DOWN): Verdict.BOTH_BAD,
            (UP, DOWN): Verdict.A, (UP, ""): Verdict.A, ("", DOWN): Verdict.A,
        }  # fmt: skip
        return said.get((ratings[0], ratings[1]), Verdict.B).value


@dataclass(frozen=True)
class Record:
    """A thumb up or down."""

    id: str
    model: str
    other: str
    rating: str
    made: tuple[str, str]
    changed: str
    judgement: Judgement | None  # None if the two answers are unknown


@dataclass
class Feedback:
    """A first pass over a file, to collect masks and the records of each judgement."""

    masks: set[str] = field(default_factory=lambda: {MASK})
    judgements: dict[Judgement, Thumbs] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Feedback:
        found = cls()
        for row in _sound_rows(path):
            found.masks.update(masks_of(row))
        for row in _sound_rows(path):
            found._note(row)
        return found

    def _note(self, row: Row) -> None:
        try:
            record = record_of(row, self.masks)
        except (BadRow, NotAVote):
            return
        if record.judgement is not None:
            new = Thumbs(record.id, record.made)
            self.judgements.setdefault(record.judgement, new).add(record)

    def vote(self, row: Row) -> ReadVote:
        """The vote of a judgement, from its first record; other records are skipped."""
        record = record_of(row, self.masks)
        thumbs = Thumbs(record.id, record.made)
        thumbs.add(record)
        if record.judgement is not None:
            thumbs = self.judgements[record.judgement]
        if thumbs.key != record.id:
            raise NotAVote("a second thumb for the same judgement, which counts once")
        read = ReadVote(
            model_a=record.model,
            model_b=record.other,
            verdict=thumbs.verdict(record.model, record.other),
            key=record.id,
            voter=fields.pseudonym(fields.optional(row, "user_id")),
            at=fields.time(row, "created_at"),
        )
        return with_chat(read, row)


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, Feedback.of(path).vote)


def _sound_rows(path: Path) -> Iterator[Row]:
    return (row for _, row in rows(path, lambda done: None) if not isinstance(row, Broken))


def record_of(row: Row, masks: set[str]) -> Record:
    """Raises BadRow, NotAVote."""
    data = fields.parsed(row.get("data"), "data")
    if not isinstance(data, dict):
        raise BadRow("it has no 'data'")
    model, other = fields.text(data, "model_id"), sibling(data)
    rating = fields.optional(data, "rating")
    if rating not in (UP, DOWN):
        raise NotAVote("feedback without a verdict")
    if not masks.isdisjoint((model, other)):
        model, other = unmasked(row, model, other, masks)
    if model == other:
        raise NotAVote("feedback on two answers of the same model")
    made = fields.time(row, "created_at")
    changed = fields.time(row, "updated_at") or made
    id = fields.optional(row, "id") or fields.optional(
        {"id": within(row, "meta", "message_id")}, "id"
    )
    return Record(id, model, other, rating, (made, id), changed, judgement_of(row, model, other))


def sibling(data: Row) -> str:
    siblings = data.get("sibling_model_ids")
    if not siblings:
        raise NotAVote("feedback on a single answer")
    if not isinstance(siblings, list) or not all(isinstance(name, str) for name in siblings):
        raise BadRow("'sibling_model_ids' is not a list of names")
    if len(siblings) > 1:
        raise NotAVote("feedback on more than two answers")
    return fields.text({"sibling": siblings[0]}, "sibling")


def masks_of(row: Row) -> Iterator[str]:
    """Names that hide real models."""
    meta, data = within(row, "meta"), within(row, "data")
    mask = within(meta, "model_id")
    if within(meta, "arena") is True and isinstance(mask, str) and mask != within(data, "model_id"):
        yield mask
    for message in messages_of(row).values():
        mask, model = within(message, "model"), within(message, "selectedModelId")
        if isinstance(mask, str) and isinstance(model, str) and model and mask != model:
            yield mask


def unmasked(row: Row, model: str, other: str, masks: set[str]) -> tuple[str, str]:
    """The models behind the masks, if the attached chat names them."""
    answer, instead = message_of(row), siblings_of(row)
    names = [
        within(answer, "selectedModelId") if model in masks else model,
        within(instead[0], "selectedModelId") if other in masks and len(instead) == 1 else other,
    ]
    if not all(isinstance(name, str) and name and name not in masks for name in names):
        raise NotAVote("feedback on an arena that does not say which model was behind it")
    return str(names[0]), str(names[1])


def judgement_of(row: Row, model: str, other: str) -> Judgement | None:
    """Who judged which two answers: the ones to the same message, or otherwise the ones at the same
    position in a chat."""
    chat = within(row, "meta", "chat_id")
    asked = within(message_of(row), "parentId") or within(row, "meta", "message_index")
    if not isinstance(chat, str) or not isinstance(asked, str | int):
        return None
    return fields.optional(row, "user_id"), chat, str(asked), *sorted((model, other))


def with_chat(read: ReadVote, row: Row) -> ReadVote:
    """The vote with labels and style from the attached chat."""
    chat = list(asked(row))[::-1]
    instead = [each for each in siblings_of(row) if model_of(each) == read.model_b][:1]
    found = labelled(read, prompts_of(chat))
    if not instead:
        return found
    return styled(found, answers_of(chat), answers_of([*chat[:-1], *instead]))


def messages_of(row: Row) -> Row:
    """The messages of the attached chat, by id."""
    found = within(row, "snapshot", "chat", "chat", "history", "messages")
    return found if isinstance(found, dict) else {}


def message_of(row: Row) -> Any:
    """The rated answer."""
    at = within(row, "meta", "message_id")
    return messages_of(row).get(at) if isinstance(at, str) else None


def siblings_of(row: Row) -> list[Any]:
    """The other answers to the same message."""
    answer, question = message_of(row), within(message_of(row), "parentId")
    if question is None:
        return []
    others = (each for each in messages_of(row).values() if each is not answer)
    return [each for each in others if within(each, "parentId") == question]


def model_of(message: Any) -> Any:
    return within(message, "selectedModelId") or within(message, "model")


def asked(row: Row) -> Iterator[Any]:
    """The rated answer and the messages before it, newest first."""
    messages, at = messages_of(row), within(row, "meta", "message_id")
    seen = set()  # the links may form a cycle
    while isinstance(at, str) and at not in seen:
        seen.add(at)
        yield messages.get(at)
        at = within(messages.get(at), "parentId")


def within(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
