"""Feedback exported from Open WebUI (docs/importing.md): which of two answers somebody preferred.

Every thumb is a record of its own. All thumbs of one person for the same two answers are one vote,
which the oldest record stands for; a later thumb for the same answer replaces the earlier one. The
name of an arena, such as `arena-model`, is a mask: the attached chat has the model behind it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ratings.cli.blocks import Table
from ratings.cli.derived import DerivedTable, Row, Said, UnusableRow, text, within
from ratings.cli.layouts import NotAVote
from ratings.cli.reactions import DOWN, UP, VERDICTS
from ratings.cli.times import seconds
from ratings.core import Verdict

MARKS = {"data", "meta", "snapshot"}
MASK = "arena-model"  # the default name of an arena
THUMBS = {"1": UP, "-1": DOWN, "1.0": UP, "-1.0": DOWN}
AS_VERDICTS = {"a": Verdict.A, "b": Verdict.B, "tie": Verdict.TIE, "both_bad": Verdict.BOTH_BAD}
SECOND = "further thumbs for the same two answers, which count once"


class Record(NamedTuple):
    """A thumb. `judgement`: who judged which two answers; None if these are not known."""

    made: tuple[float, str]
    changed: float
    model: str
    other: str
    thumb: int
    judgement: tuple[Any, ...] | None


@dataclass
class Judgement:
    """The thumbs for two answers; `row` is that of the oldest, made at `first`."""

    row: int
    first: tuple[float, str]
    thumbs: dict[str, tuple[float, int]] = field(default_factory=dict)  # newest time, by model

    def add(self, row: int, record: Record) -> None:
        if record.made < self.first:
            self.row, self.first = row, record.made
        known = self.thumbs.get(record.model)
        if known is None or known[0] <= record.changed:
            self.thumbs[record.model] = record.changed, record.thumb

    def verdict(self, model: str, other: str) -> Verdict:
        first, second = (self.thumbs.get(name, (0.0, 0))[1] for name in (model, other))
        return AS_VERDICTS[VERDICTS[first, second]]


class FeedbackTable(DerivedTable):
    """Has a winner for each judgement."""

    needs = ("id", "user_id", "data", "meta", "snapshot", "created_at", "updated_at")

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._masks = {MASK, *(mask for _, row in self.rows() for mask in _masks(row))}
        self._judgements: dict[tuple[Any, ...], Judgement] = {}
        for number, row in self.rows():
            self._note(number, row)

    def read(self, number: int, row: Row) -> Said:
        record = _record(row, self._masks)
        found = self._judgements[_key(number, record)]
        if found.row != number:
            raise NotAVote(SECOND)
        return Said(record.model, record.other, found.verdict(record.model, record.other))

    def _note(self, number: int, row: Row) -> None:
        try:
            record = _record(row, self._masks)
        except (UnusableRow, NotAVote):
            return
        new = Judgement(number, record.made)
        self._judgements.setdefault(_key(number, record), new).add(number, record)


def _key(number: int, record: Record) -> tuple[Any, ...]:
    """Records of unknown answers are votes of their own, unless they have the same id."""
    return record.judgement or ("id", record.made[1] or number)


def _record(row: Row, masks: set[str]) -> Record:
    data = _parsed(row["data"])
    model, other = text(data.get("model_id"), "model_id"), _sibling(data)
    thumb = THUMBS.get(str(data.get("rating")))
    if thumb is None:
        raise NotAVote("feedback without a verdict")
    if not masks.isdisjoint((model, other)):
        model, other = _unmasked(row, model, other, masks)
    if model == other:
        raise NotAVote("feedback on two answers of the same model")
    made = _time(row, "created_at")
    id = str(row["id"] or within(row, "meta", "message_id") or "")
    changed = _time(row, "updated_at") or made
    return Record((made, id), changed, model, other, thumb, _judgement(row, model, other))


def _parsed(data: Any) -> Row:
    try:
        found = json.loads(data) if isinstance(data, str) else data
    except (ValueError, RecursionError) as error:
        raise UnusableRow("'data' is not JSON") from error
    if not isinstance(found, dict):
        raise UnusableRow("it has no 'data'")
    return found


def _sibling(data: Row) -> str:
    siblings = data.get("sibling_model_ids")
    if not siblings:
        raise NotAVote("feedback on a single answer")
    if not isinstance(siblings, list):
        raise UnusableRow("'sibling_model_ids' is not a list of names")
    if len(siblings) > 1:
        raise NotAVote("feedback on more than two answers")
    return text(siblings[0], "sibling_model_ids")


def _time(row: Row, name: str) -> float:
    if row[name] in (None, ""):
        return 0.0
    try:
        return seconds(row[name])
    except (ValueError, TypeError, OverflowError) as error:
        raise UnusableRow(f"{name} is not a time") from error


def _judgement(row: Row, model: str, other: str) -> tuple[Any, ...] | None:
    chat = within(row, "meta", "chat_id")
    asked = within(_answer(row), "parentId") or within(row, "meta", "message_index")
    if not isinstance(chat, str) or not isinstance(asked, str | int):
        return None
    return str(row["user_id"] or ""), chat, str(asked), *sorted((model, other))


def _masks(row: Row) -> Iterator[str]:
    """Names that hide real models."""
    meta, rated = row["meta"], within(row, "data", "model_id")
    mask = within(meta, "model_id")
    if within(meta, "arena") is True and isinstance(mask, str) and mask != rated:
        yield mask
    for message in _messages(row).values():
        mask, model = within(message, "model"), within(message, "selectedModelId")
        if isinstance(mask, str) and isinstance(model, str) and model and mask != model:
            yield mask


def _unmasked(row: Row, model: str, other: str, masks: set[str]) -> tuple[str, str]:
    answer, instead = _answer(row), _siblings(row)
    behind = [
        within(answer, "selectedModelId") if model in masks else model,
        within(instead[0], "selectedModelId") if other in masks and len(instead) == 1 else other,
    ]
    if not all(isinstance(name, str) and name and name not in masks for name in behind):
        raise NotAVote("feedback on an arena that does not say which model was behind it")
    return str(behind[0]), str(behind[1])


def _messages(row: Row) -> Row:
    found = within(row, "snapshot", "chat", "chat", "history", "messages")
    return found if isinstance(found, dict) else {}


def _answer(row: Row) -> Any:
    """The rated answer, with its place in the chat."""
    at = within(row, "meta", "message_id")
    return _messages(row).get(at) if isinstance(at, str) else None


def _siblings(row: Row) -> list[Any]:
    answer, question = _answer(row), within(_answer(row), "parentId")
    if question is None:
        return []
    others = (each for each in _messages(row).values() if each is not answer)
    return [each for each in others if within(each, "parentId") == question]
