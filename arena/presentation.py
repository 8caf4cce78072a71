"""What a battle page may show. Before the vote this is all that leaves the server, so nothing
here reaches a contestant unless the battle has been voted on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from .battles import MAX_TURNS, farewell
from .markdown import blocks
from .models import Answer, Battle, Campaign, Contestant, Side, Verdict


@dataclass(frozen=True)
class PaneView:
    """One side of one turn."""

    side: Side
    answer: Answer
    show: bool

    @property
    def at(self) -> str:
        """The browser's position in the stream, see `live.Position`."""
        return f"{self.answer.attempt}.{len(self.answer.text)}" if self.show else "0.0"

    @property
    def stopped(self) -> bool:
        return self.show and self.answer.finish_reason == "cancelled"

    @property
    def blocks(self) -> list[SafeString]:
        return blocks(self.answer.text) if self.show else []


@dataclass(frozen=True)
class TurnView:
    number: int
    prompt: str
    panes: tuple[PaneView, PaneView]


@dataclass(frozen=True)
class Unmasked:
    """A side after the vote: who it was, and how fast."""

    side: Side
    contestant: Contestant
    answers: tuple[Answer, ...]

    @property
    def first_token_s(self) -> float | None:
        return self.answers[0].first_token_s

    @property
    def total_s(self) -> float:
        return sum(answer.total_s or 0.0 for answer in self.answers)

    @property
    def completion_tokens(self) -> int:
        return sum(answer.completion_tokens or 0 for answer in self.answers)

    @property
    def weights(self) -> str:
        return self.answers[0].revision.weights


class BattleView:
    """A battle, as its voter may see it now."""

    def __init__(self, battle: Battle) -> None:
        self.battle = battle
        self.id = battle.public_id
        self.farewell = farewell(battle)

    @cached_property
    def _turns(self) -> list[tuple[int, str, dict[str, Answer]]]:
        turns = self.battle.turns.prefetch_related("answers__revision").order_by("number")
        return [(t.number, t.prompt, {a.side: a for a in t.answers.all()}) for t in turns]

    @cached_property
    def turns(self) -> list[TurnView]:
        return [
            TurnView(number, prompt, (self._pane(Side.A, answers), self._pane(Side.B, answers)))
            for number, prompt, answers in self._turns
        ]

    def _pane(self, side: Side, answers: dict[str, Answer]) -> PaneView:
        # Both or none: one side alone would tell which of them was quicker.
        show = all(answer.state == Answer.State.DONE for answer in answers.values())
        return PaneView(side, answers[side], show)

    @property
    def is_void(self) -> bool:
        return self.battle.state == Battle.State.VOID

    @property
    def is_voted(self) -> bool:
        return self.battle.state == Battle.State.VOTED

    @cached_property
    def is_streaming(self) -> bool:
        return not self.is_void and not all(p.show for turn in self.turns for p in turn.panes)

    @property
    def campaign(self) -> Campaign | None:
        """The campaign of a prepared battle."""
        campaign = self.battle.campaign
        return None if campaign.kind == Campaign.Kind.LIVE else campaign

    @property
    def can_continue(self) -> bool:
        is_open = self.battle.state == Battle.State.OPEN and self.campaign is None
        return is_open and len(self.turns) < MAX_TURNS

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        return Verdict.choices

    @cached_property
    def verdict(self) -> str:
        return self.battle.vote.get_verdict_display() if self.is_voted else ""

    @cached_property
    def unmasked(self) -> list[Unmasked]:
        """Both sides with their names: only after the vote."""
        if not self.is_voted:
            return []
        return [
            Unmasked(side, self.battle.contestant(side), tuple(t[2][side] for t in self._turns))
            for side in Side
        ]
