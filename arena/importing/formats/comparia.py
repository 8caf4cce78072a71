"""compar:IA's votes and reactions, with columns of models and choices, and its new export, which
has a row for each turn of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from arena.models import Verdict

from .. import fields
from ..characters import quoted
from ..encoding import Broken
from ..errors import BadRow, NotAVote
from ..files import Row, rows
from ..intake import Intake
from ..labelling import with_conversations
from ..votes import ReadVote

TRUE = ("True", "true", "1", "1.0")
CHOICES = {
    "a_better": Verdict.A.value,
    "b_better": Verdict.B.value,
    "both_good": Verdict.TIE.value,
    "both_bad": Verdict.BOTH_BAD.value,
}
UP, DOWN, NONE = 1, -1, 0
# By the thumbs for the two answers; as in feedback of Open WebUI.
VERDICTS = {
    (UP, UP): Verdict.TIE, (DOWN, DOWN): Verdict.BOTH_BAD,
    (UP, DOWN): Verdict.A, (UP, NONE): Verdict.A, (NONE, DOWN): Verdict.A,
    (DOWN, UP): Verdict.B, (NONE, UP): Verdict.B, (DOWN, NONE): Verdict.B,
}  # fmt: skip
Turn = tuple[str, str]


def bring(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote)


def vote(row: Row) -> ReadVote:
    """A vote on a whole conversation."""
    model_a, model_b = names(row)
    read = ReadVote(
        model_a=model_a,
        model_b=model_b,
        verdict=verdict(row, model_a, model_b),
        key=fields.optional(row, "conversation_pair_id"),
        voter=fields.optional(row, "visitor_id"),
        at=fields.time(row, "timestamp"),
    )
    return with_conversations(read, row)


def names(row: Row) -> tuple[str, str]:
    return fields.text(row, "model_a_name"), fields.text(row, "model_b_name")


def verdict(row: Row, model_a: str, model_b: str) -> str:
    """It names the better model; `both_equal` is both good and both bad."""
    chosen = fields.optional(row, "chosen_model_name").strip()
    if chosen:
        if chosen not in (model_a, model_b):
            raise BadRow(f"chosen_model_name {quoted(chosen)} is neither of the two models")
        return (Verdict.A if chosen == model_a else Verdict.B).value
    if says(row, "both_equal"):
        return Verdict.TIE.value
    raise NotAVote("conversations without a vote")


def says(row: Row, name: str) -> bool:
    return str(row.get(name)) in TRUE


def bring_turns(path: Path, intake: Intake) -> None:
    intake.take_rows(path, vote_on_turn)


def vote_on_turn(row: Row) -> ReadVote:
    """It names no voters, but all votes on a conversation are by the same person."""
    if says(row, "excluded"):
        raise NotAVote("turns that compar:IA leaves out of its data")
    choice = fields.optional(row, "choice")
    if choice in ("", "idk"):
        raise NotAVote("turns without a verdict")
    if choice not in CHOICES:
        raise BadRow(f"choice {quoted(choice)} is not one of {', '.join(CHOICES)}, idk")
    read = ReadVote(
        model_a=fields.text(row, "model_a"),
        model_b=fields.text(row, "model_b"),
        verdict=CHOICES[choice],
        key=fields.optional(row, "response_id"),
        voter=fields.optional(row, "comparison_id"),
        at=fields.time(row, "timestamp"),
    )
    return with_conversations(read, {f"conversation_{s}": row.get(f"response_{s}") for s in "ab"})


@dataclass
class Thumbs:
    """The thumbs for the two answers of a turn, and the row that stands for them."""

    first: tuple[str, ...]
    by_side: dict[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return VERDICTS[self.by_side.get("a", NONE), self.by_side.get("b", NONE)].value


class Reactions:
    """A first pass over a file, to collect the thumbs of each turn."""

    def __init__(self, path: Path) -> None:
        self._turns: dict[Turn, Thumbs] = {}
        for row in _sound_rows(path):
            if (thumb := thumb_of(row)) != NONE:
                thumbs = self._turns.setdefault(turn_of(row), Thumbs(identity(row)))
                thumbs.by_side[str(row["model_pos"])] = thumb

    def vote(self, row: Row) -> ReadVote:
        """The vote of a turn, from its first thumb; other rows are skipped."""
        if thumb_of(row) == NONE:
            raise NotAVote("reactions without a thumb")
        turn = turn_of(row)
        thumbs = self._turns[turn]
        if thumbs.first != identity(row):
            raise NotAVote("further thumbs for the same two answers, which count once")
        model_a, model_b = names(row)
        read = ReadVote(
            model_a=model_a,
            model_b=model_b,
            verdict=thumbs.verdict,
            key=":".join(turn),
            voter=fields.optional(row, "visitor_id"),
            at=fields.time(row, "timestamp"),
        )
        return with_conversations(read, row)


def bring_reactions(path: Path, intake: Intake) -> None:
    intake.take_rows(path, Reactions(path).vote)


def thumb_of(row: Row) -> int:
    liked, disliked = says(row, "liked"), says(row, "disliked")
    if liked == disliked or row.get("model_pos") not in ("a", "b"):
        return NONE
    return UP if liked else DOWN


def turn_of(row: Row) -> Turn:
    return str(row.get("conversation_pair_id")), str(row.get("msg_rank"))


def identity(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(n)) for n in ("id", "timestamp", "model_pos", "liked", "disliked"))


def _sound_rows(path: Path) -> Iterator[Row]:
    return (row for _, row in rows(path, lambda done: None) if not isinstance(row, Broken))
