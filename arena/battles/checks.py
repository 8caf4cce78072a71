"""Checks of answers, alike for both sides: what is found is recorded, and nobody sees it before the
vote; an answer that is blocked ends its battle, and neither answer is shown."""

from __future__ import annotations

import logging

from inference.contract.requests import GenerateResult

from .. import broker
from ..models import Answer, Battle, Flag
from ..models.moderation import Action
from ..moderating import checker, health, policy
from ..moderating.rules import Finding, find
from .voiding import BLOCKED, void

logger = logging.getLogger(__name__)


def check(answer: Answer) -> None:
    """By the rules at once; the checker's verdict comes later. An answer is never held up."""
    _take(answer, find(answer.text))
    if not checker.is_set() or not answer.text:
        return
    with broker.spared(f"answer {answer.pk} is not checked"):
        try:
            checker.ask(answer.text, "arena.record_answer_check", answer_id=answer.pk)
        except checker.Unanswered as error:
            _unchecked(answer, error)


def record(result: GenerateResult, answer_id: int) -> None:
    answer = Answer.objects.select_related("turn__battle").filter(pk=answer_id).first()
    if answer is None:
        return
    try:
        _take(answer, checker.as_findings(checker.verdict_of(result)))
    except checker.Unanswered as error:
        _unchecked(answer, error)


def _unchecked(answer: Answer, error: checker.Unanswered) -> None:
    health.failed(str(error))
    _take(answer, checker.as_findings([checker.UNCHECKED]))


def _take(answer: Answer, finds: list[Finding]) -> None:
    if not finds:
        return
    by, turn = policy.actions(policy.current()), answer.turn
    flags = [
        Flag(
            about=Flag.About.ANSWER,
            category=category,
            source=source,
            action=_of_answer(category, by),
            battle=turn.battle,
            turn=turn.number,
            side=answer.side,
        )
        for category, source in dict.fromkeys((one.category, one.source) for one in finds)
        if by[category] is not Action.OFF
    ]
    Flag.objects.bulk_create(flags)
    if any(flag.action is Action.BLOCK for flag in flags):
        _block(turn.battle)


def _of_answer(category: str, by: policy.Actions) -> Action:
    """There is nobody to warn, and an answer that could not be checked is shown."""
    is_block = by[category] is Action.BLOCK and category != checker.UNCHECKED
    return Action.BLOCK if is_block else Action.LOG


def _block(battle: Battle) -> None:
    """A vote that is cast already stands."""
    void(battle, BLOCKED)
