"""What the checks find in a text that staff try them on, and what would happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..models import ModerationPolicy
from ..models.moderation import Action
from . import checker, policy
from .categories import CATEGORIES, LABELS
from .rules import Finding, find

SAID = {
    Action.OFF: "Nothing: it would be sent, and nothing recorded.",
    Action.LOG: "It would be sent, and a flag recorded. Its visitor would not notice.",
    Action.WARN: "Its visitor would be warned, and could send it all the same.",
    Action.BLOCK: "It would not be sent: its visitor would read why.",
}


@dataclass(frozen=True)
class Piece:
    """A part of the text, and what it was found to be; "" for nothing."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Row:
    """A category that was found, how often by the rules, and whether by the checker."""

    title: str
    action: Action
    times: int
    by_checker: bool


@dataclass(frozen=True)
class Tried:
    """A text with what was found in it."""

    pieces: Sequence[Piece]
    rows: Sequence[Row]
    action: Action

    @property
    def said(self) -> str:
        return SAID[self.action]


def tried(text: str, by: ModerationPolicy) -> Tried:
    """By the rules and the checker, which may take as long as it may with a prompt."""
    finds, said, actions = find(text), checker.findings(text), policy.actions(by)
    names, told = ([one.category for one in some] for some in (finds, said))
    rows = [
        Row(category.title, actions[name], names.count(name), _is_said(name, told))
        for name, category in CATEGORIES.items()
        if name in names or name in told
    ]
    return Tried(_pieces(text, finds), rows, policy.strongest([*finds, *said], actions))


def _is_said(name: str, told: Sequence[str]) -> bool:
    return name in told and name != checker.UNCHECKED


def _pieces(text: str, finds: Sequence[Finding]) -> list[Piece]:
    """The whole text in order; where two finds overlap, the later one has what is left of it."""
    pieces, at = list[Piece](), 0
    for one in finds:
        if one.end <= at:
            continue
        start = max(at, one.start)
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start : one.end], _title(one)))
        at = one.end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def _title(one: Finding) -> str:
    title = CATEGORIES[one.category].title
    return f"{title}: {LABELS[one.label]}" if one.label else title
