"""A probe as its report shows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from inference.contract.prompts import Shown

from ..models import Probe, ProbeAnswer
from ..probing.evidence import SHOWN
from ..probing.findings import Colour, Finding
from ..probing.questions import BY_NAME, SECOND_TURN, SYSTEM

WORST_FIRST = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.NONE)
TITLES = {SECOND_TURN: "In a second turn", SYSTEM: "With a system prompt"}
COUNTED = {
    Colour.RED: "at fault",
    Colour.AMBER: "worth a look",
    Colour.GREEN: "well",
    Colour.NONE: "not applicable",
}


@dataclass(frozen=True)
class AnswerView:
    answer: ProbeAnswer

    @property
    def subject(self) -> str:
        """What the question is about; questions of older versions are only known by name."""
        asked = BY_NAME.get(self.answer.question)
        return asked.subject if asked else self.answer.question

    @property
    def figures(self) -> str:
        one = self.answer
        parts = [
            f"first words after {one.first_token_s:.1f} s" if one.first_token_s else "",
            f"{one.completion_tokens} tokens" if one.completion_tokens else "",
            f"{one.tokens_per_second:.0f} tokens per second" if one.tokens_per_second else "",
            f"{one.thought_tokens} tokens of thoughts" if one.thought_tokens else "",
            f"ended by: {one.finish_reason}" if one.finish_reason else "",
        ]
        return " · ".join(part for part in parts if part)


class Report:
    def __init__(self, probe: Probe) -> None:
        self.probe = probe

    @cached_property
    def findings(self) -> list[Finding]:
        """The worst first, otherwise in the order of the checks."""
        found = [Finding.from_dict(each) for each in self.probe.findings]
        return sorted(found, key=lambda each: WORST_FIRST.index(each.colour))

    @property
    def counts(self) -> str:
        """Such as "1 at fault, 12 well"."""
        many = Counter(finding.colour for finding in self.findings)
        return ", ".join(f"{many[colour]} {COUNTED[colour]}" for colour in COUNTED if many[colour])

    @cached_property
    def answers(self) -> list[AnswerView]:
        return [AnswerView(answer) for answer in self.probe.answers.all()]

    @property
    def total(self) -> int:
        return len(self.answers)

    @property
    def answered(self) -> int:
        return sum(view.answer.is_over for view in self.answers)

    @property
    def prompts(self) -> list[tuple[str, Shown]]:
        shown = self.probe.shown or {}  # the database keeps it in an order of its own
        named = [(name, shown[name]) for name in SHOWN if name in shown]
        return [(TITLES.get(n, "In a first turn"), Shown.from_dict(p)) for n, p in named]
