"""What a check says: a colour, a sentence with its figure, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from inference.contract.requests import known

from ..models import Probe


class Colour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"  # does not apply, or there was nothing to look at


@dataclass(frozen=True)
class Finding:
    colour: Colour
    sentence: str
    advice: str = ""  # what to do
    title: str = ""  # of its check

    def to_dict(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**{**known(cls, data), "colour": Colour(data["colour"])})


def green(sentence: str) -> Finding:
    return Finding(Colour.GREEN, sentence)


def amber(sentence: str, advice: str) -> Finding:
    return Finding(Colour.AMBER, sentence, advice)


def red(sentence: str, advice: str) -> Finding:
    return Finding(Colour.RED, sentence, advice)


def none(sentence: str) -> Finding:
    return Finding(Colour.NONE, sentence)


def verdict(findings: Sequence[Finding]) -> Probe.Verdict:
    """The worst colour."""
    colours = {finding.colour for finding in findings}
    if Colour.RED in colours:
        return Probe.Verdict.RED
    return Probe.Verdict.AMBER if Colour.AMBER in colours else Probe.Verdict.GREEN
