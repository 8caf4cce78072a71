"""What the checks look at: the answers of one probe, and its prompts as a worker renders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from inference.contract.prompts import Shown

from ..generating import dispatch
from ..models import Probe, ProbeAnswer, Revision
from .questions import BY_NAME, SECOND_TURN, SYSTEM, Question

FIRST = "sum"  # the question whose prompt is shown as that of a first turn
SHOWN = (FIRST, SECOND_TURN, SYSTEM)


@dataclass(frozen=True)
class Evidence:
    revision: Revision
    answers: Mapping[str, ProbeAnswer]  # by question
    shown: Mapping[str, Shown]  # by question; none of an API, nor if no worker replied

    @classmethod
    def of(cls, probe: Probe) -> Evidence:
        answers = {answer.question: answer for answer in probe.answers.all()}
        shown = {name: Shown.from_dict(each) for name, each in (probe.shown or {}).items()}
        return cls(probe.revision, answers, shown)

    @cached_property
    def done(self) -> list[ProbeAnswer]:
        return [each for each in self.answers.values() if each.state == ProbeAnswer.State.DONE]

    @cached_property
    def failed(self) -> list[ProbeAnswer]:
        return [each for each in self.answers.values() if each.state == ProbeAnswer.State.FAILED]

    def text(self, question: str) -> str | None:
        """The answer to it; None if there is none."""
        answer = self.answers.get(question)
        return answer.text if answer and answer.state == ProbeAnswer.State.DONE else None


def messages(revision: Revision, question: Question) -> dispatch.Messages:
    """As a battle would ask it."""
    system = "\n\n".join(part for part in (revision.system_prompt, question.system) if part)
    return dispatch.talk(system, question.said, question.prompt)


def messages_by_name(revision: Revision, name: str) -> dispatch.Messages:
    return messages(revision, BY_NAME[name])
