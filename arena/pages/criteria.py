"""What a campaign also asks about two answers: the questions before the vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..labels.criteria import Criterion
from ..models import Campaign, Side, Verdict
from ..votes import criteria


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    side: str  # "" for both
    is_chosen: bool


@dataclass(frozen=True)
class Question:
    """One criterion in the form of a vote."""

    criterion: Criterion
    chosen: str

    @property
    def field(self) -> str:
        return f"{criteria.FIELD}{self.criterion.key}"

    @property
    def options(self) -> Iterator[Option]:
        for verdict in (Verdict.A, Verdict.TIE, Verdict.BOTH_BAD, Verdict.B):  # as on the page
            side = verdict.value if verdict.value in Side.values else ""
            label = side or str(verdict.label)
            yield Option(verdict.value, label, side, verdict == self.chosen)


def questions_of(campaign: Campaign, said: Mapping[str, str]) -> list[Question]:
    """With what was chosen before a vote was refused."""
    return [Question(each, said.get(each.key, "")) for each in criteria.asked(campaign)]
