"""The score of a voter, from what the rules found."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import log10

from ratings.core.suspicion.case import Case
from ratings.core.suspicion.leaning import Lean
from ratings.core.suspicion.record import Field, Record
from ratings.core.suspicion.rule import Found, Rule
from ratings.core.suspicion.rules import RULES

# An honest voter ever reaches a score s with a probability of at most 10^-s: 3% and 10%.
HOLD, WATCH = 1.5, 1.0
CLEARLY = 1.0  # by so much a score has to be below, so that held votes count again
SPEAKING = 2  # rules that must speak against a voter whose votes are held


@dataclass(frozen=True)
class Reason:
    """What a rule adds to the score, in powers of ten, and why."""

    rule: str
    weight: float
    words: str
    speaks: bool


@dataclass(frozen=True)
class Score:
    """Attributes: reasons, those that weigh most first; leanings, for the circles of others."""

    value: float
    reasons: list[Reason]
    leanings: dict[Lean, float]

    @property
    def is_corroborated(self) -> bool:
        """No rule decides by itself, however sure it is."""
        return sum(reason.speaks for reason in self.reasons) >= SPEAKING

    def reaches(self, threshold: float) -> bool:
        return self.value >= threshold and self.is_corroborated


def score(record: Record, field: Field) -> Score:
    """Weigh N >= 1 votes of one voter.

    The e-values of rules that look at different things multiply, as an honest voter's verdicts,
    times and prompts don't depend on each other. Rules that look at the same thing share one bet,
    whose mean is an e-value whatever their dependence.
    """
    case = Case(record, field)
    by_subject = sorted(RULES, key=lambda rule: rule.looks_at)
    reasons = [
        reason
        for _, rules in groupby(by_subject, key=lambda rule: rule.looks_at)
        for reason in _shared([(rule, rule.weigh(case)) for rule in rules])
    ]
    reasons.sort(key=lambda reason: -reason.weight)
    return Score(sum(reason.weight for reason in reasons), reasons, case.leanings)


def keeping(found: Score, earlier: Iterable[Reason]) -> Score:
    """Votes weighed again: what lapses (`Rule.lapses`) speaks as it did at its strongest."""
    lapsing = {rule.name for rule in RULES if rule.lapses}
    before = {reason.rule: reason for reason in earlier if reason.rule in lapsing}
    reasons = [
        max(reason, before.get(reason.rule, reason), key=lambda each: each.weight)
        for reason in found.reasons
    ]
    reasons.sort(key=lambda reason: -reason.weight)
    return Score(sum(reason.weight for reason in reasons), reasons, found.leanings)


def _shared(found: list[tuple[Rule, Found]]) -> list[Reason]:
    """The reasons of rules that share a bet, each with its part of what the bet weighs."""
    kept = 1.0 - sum(rule.stake for rule, _ in found)
    returns = [rule.stake * min(one.e_value, rule.most) for rule, one in found]
    weight = log10(kept + sum(returns))
    return [
        Reason(rule.name, weight * each / sum(returns), one.reason, one.speaks)
        for (rule, one), each in zip(found, returns, strict=True)
    ]
