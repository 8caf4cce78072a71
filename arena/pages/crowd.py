"""How others voted on the pair of a battle, as figures and as a bar."""

from __future__ import annotations

from dataclasses import dataclass

from ..counting.others import others_than
from ..models import Verdict, Vote

ORDER = (Verdict.A, Verdict.TIE, Verdict.BOTH_BAD, Verdict.B)  # as the buttons stand


@dataclass(frozen=True)
class Choice:
    """One of the four verdicts; its part of the bar in per cent, as SVG takes it."""

    verdict: Verdict
    votes: int
    start: str
    width: str
    is_own: bool


@dataclass(frozen=True)
class Crowd:
    choices: list[Choice]
    votes: int


def crowd_of(vote: Vote) -> Crowd:
    others = others_than(vote)
    choices, start = [], 0.0
    for verdict in ORDER:
        width = 100 * others[verdict] / (others.total() or 1)
        is_own = verdict == vote.verdict
        choices.append(Choice(verdict, others[verdict], f"{start:.2f}", f"{width:.2f}", is_own))
        start += width
    return Crowd(choices, others.total())
