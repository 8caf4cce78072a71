"""All that is known of one battle, for the admin's page of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.utils.safestring import SafeString

from ..counting import others
from ..markdown import blocks
from ..models import (
    Answer,
    Battle,
    BattleLabels,
    Consent,
    Contestant,
    Disclosure,
    Objection,
    Side,
    StandingChange,
    Turn,
    Verdict,
    Vote,
)
from ..naming import asks, known, named
from ..sites import path_of

NEWEST = 200  # votes of a voter that are compared with those of others
UNKNOWN = "–"


def address(battle: int) -> str:
    return path_of("admin:arena_battle_change", battle)


def measured(value: float | None, unit: str = "") -> str:
    return UNKNOWN if value is None else f"{value:,.1f} {unit}".rstrip()


@dataclass(frozen=True)
class Pane:
    """One answer, and what is known of how it was made."""

    answer: Answer

    @property
    def blocks(self) -> list[SafeString]:
        return blocks(self.answer.text)

    @property
    def contestant(self) -> Contestant:
        return self.answer.revision.contestant

    @property
    def figures(self) -> list[tuple[str, str]]:
        one = self.answer
        tokens = UNKNOWN if one.completion_tokens is None else f"{one.completion_tokens:,}"
        thought = f", and {one.thought_tokens:,} of thoughts" if one.thought_tokens else ""
        found = [
            ("State", one.get_state_display()),
            ("Ended by", one.finish_reason or UNKNOWN),
            ("Waited", measured(one.queued_s, "s")),
            ("First words", measured(one.first_token_s, "s")),
            ("In total", measured(one.total_s, "s")),
            ("Tokens", f"{tokens}{thought}"),
            ("Speed", measured(one.tokens_per_second, "tokens/s")),
            ("Attempts", self.attempts),
        ]
        return [*found, ("Engine", one.engine), ("Weights", one.weights_sha256[:16])]

    @property
    def attempts(self) -> str:
        """Another contestant may have taken over."""
        if not self.answer.swapped_at_attempt:
            return str(self.answer.attempt)
        return f"{self.answer.attempt}, by another contestant before {self.answer.tries} of them"


@dataclass(frozen=True)
class Part:
    """A turn with its answers, first that of side A."""

    turn: Turn
    panes: Sequence[Pane]
    decided: bool


@dataclass(frozen=True)
class Elsewhere:
    """How the voter of a battle has voted otherwise."""

    votes: int
    excluded: int
    verdicts: Sequence[tuple[str, int]]
    agreed: int  # with most others, of the newest votes that
    compared: int  # are decisive, on pairs on which others are


@dataclass(frozen=True)
class Whole:
    """A battle. Without its vote for those who may not see votes."""

    battle: Battle
    with_vote: bool

    @cached_property
    def parts(self) -> list[Part]:
        turns = self.battle.turns.order_by("number").prefetch_related(
            "answers__revision__contestant"
        )
        decisive = self.vote.turn_id if self.vote else None
        return [
            Part(
                turn,
                [Pane(answer) for answer in sorted(turn.answers.all(), key=lambda one: one.side)],
                turn.pk == decisive,
            )
            for turn in turns
        ]

    @cached_property
    def vote(self) -> Vote | None:
        if not self.with_vote:
            return None
        return Vote.objects.filter(battle=self.battle).select_related("turn", "share").first()

    @property
    def sides(self) -> list[tuple[Side, Contestant]]:
        return [(side, self.battle.contestant(side)) for side in Side]

    @cached_property
    def labels(self) -> BattleLabels | None:
        return BattleLabels.objects.filter(battle=self.battle).first()

    @cached_property
    def disclosed(self) -> list[tuple[str, str]]:
        """Who names itself or its maker, and in which words; and whether a prompt asked."""
        mark = Disclosure.objects.filter(battle=self.battle).first() if self.vote else None
        if mark is None:
            return []
        names = known()
        quoted = [
            (f"{pane.answer.side} in turn {part.turn.number}", quote)
            for part in self.parts
            for pane in part.panes
            if (quote := named(pane.answer.text, names, asked=asks(part.turn.prompt, names)))
        ]
        return [*quoted, *([("The voter", "asked who it is")] if mark.asked else [])]

    @property
    def changes(self) -> list[StandingChange]:
        return [*self.vote.changes.select_related("bulk__by")] if self.vote else []

    @property
    def objections(self) -> list[Objection]:
        return [*self.vote.objections.all()] if self.vote else []

    @property
    def consents(self) -> list[Consent]:
        return [*self.battle.voter.consents.all()] if self.with_vote else []

    @property
    def whys(self) -> list[tuple[Side, Sequence[str], str]]:
        """Of each side: the reasons that the voter gave, and the remark."""
        if self.vote is None:
            return []
        reasons = self.vote.reasons.select_related("reason")
        remarks = {one.side: one.text for one in self.vote.remarks.all()}
        return [
            (side, [str(one.reason) for one in reasons if one.side == side], remarks.get(side, ""))
            for side in Side
        ]

    @cached_property
    def elsewhere(self) -> Elsewhere | None:
        if not self.with_vote:
            return None
        every = Vote.objects.filter(voter=self.battle.voter_id)
        counts = every.order_by().values_list("verdict", "standing").annotate(number=Count("pk"))
        verdicts: Counter[str] = Counter()
        standings: Counter[str] = Counter()
        for verdict, standing, number in counts:
            verdicts[verdict] += number
            standings[standing] += number
        said = [(str(one.label), verdicts[one]) for one in Verdict if verdicts[one]]
        newest = every.exclude(battle=self.battle).order_by("-pk").select_related("battle")
        agreed, compared = others.agreement([*newest[:NEWEST]])
        return Elsewhere(
            verdicts.total(), standings[Vote.Standing.EXCLUDED], said, agreed, compared
        )


def whole(battle: Battle, *, with_vote: bool) -> Whole:
    return Whole(battle, with_vote)
