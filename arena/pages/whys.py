"""What a voter said about the two answers after the vote, or may still say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..limits import REASONS
from ..models import Reason, Side, Vote
from ..votes.reasons import can_change, offered, said_about


@dataclass(frozen=True)
class Choice:
    reason: Reason
    is_chosen: bool


@dataclass(frozen=True)
class Why:
    """What a voter said, or may say, about one answer."""

    side: Side
    model: str  # "" for a voter who is not told
    choices: Sequence[Choice]
    comment: str

    @property
    def chosen(self) -> list[Reason]:
        return [choice.reason for choice in self.choices if choice.is_chosen]


@dataclass(frozen=True)
class Whys:
    sides: Sequence[Why]
    can_change: bool
    max_comment: int = REASONS.comment_characters

    @property
    def is_said(self) -> bool:
        return any(each.chosen or each.comment for each in self.sides)


def whys_of(vote: Vote, *, is_told: bool) -> Whys:
    about = said_about(vote)
    reasons = offered(key for each in about.values() for key in each.reasons)
    sides = [
        Why(
            side,
            vote.battle.contestant(side).name if is_told else "",
            [Choice(reason, reason.key in about[side].reasons) for reason in reasons],
            about[side].comment,
        )
        for side in Side
    ]
    return Whys(sides, can_change(vote))
