"""Checks prepared answers against what is expected of them, in the background, as they come."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db import transaction

from ..checking.kinds import judge_for
from ..checking.outcomes import Judge, Outcome, UnusableError
from ..models import CheckedAnswer, ExpectedAnswer, PreparedAnswer

AT_ONCE = 500


def check_waiting(until: float = float("inf")) -> int:
    """Check answers until none is left, or until then on the monotonic clock; returns how many."""
    if not ExpectedAnswer.objects.exists():  # most arenas: nothing is looked for among a million
        return 0
    checked = 0
    while found := _check_some(until):
        checked += found
        if time.monotonic() > until:
            break
    return checked


@transaction.atomic
def _check_some(until: float) -> int:
    done = PreparedAnswer.objects.filter(state=PreparedAnswer.State.DONE, checked=None)
    waiting = done.filter(prompt__expected__isnull=False).order_by("pk")
    rows = [*waiting.values_list("pk", "prompt", "text")[:AT_ONCE]]
    judges = _judges({prompt for _pk, prompt, _text in rows})
    made = []
    for pk, prompt, text in rows:
        made.append(CheckedAnswer(answer_id=pk, outcome=judges[prompt](text)))
        if time.monotonic() > until:
            break
    CheckedAnswer.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _judges(prompts: set[int]) -> Mapping[int, Judge]:
    """Locked, so that whoever corrects a check finds all that it has judged."""
    expected = ExpectedAnswer.objects.filter(prompt__in=prompts).order_by("pk")
    return {one.prompt_id: _judge(one) for one in expected.select_for_update(no_key=True)}


def _judge(one: ExpectedAnswer) -> Judge:
    try:
        return judge_for(one.kind, one.expected, one.tolerance)
    except UnusableError:  # entered with another release
        return lambda text: Outcome.UNCHECKED
