"""How fast answers are, by size of prompt: computed with a publication, from answers in battles
that have their vote by then.

Prepared answers are made many at once, before anybody waits for them, so their times say little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from django.db import transaction

from arena.models import Answer, Campaign, Vote

from ..core.uncertainty.quantiles import Estimate, quantile_interval
from ..models import AnswerSpeed

LEVEL = 0.95
MOST_VOTES = 20_000  # the newest: models and machines change, and it bounds the work
SIZES = ((100, AnswerSpeed.Prompts.SHORT), (1000, AnswerSpeed.Prompts.MEDIUM))  # tokens, at most
Times = list[tuple[float, float | None]]  # seconds to the first words, tokens per second


def measure(campaign: Campaign) -> None:
    groups: dict[tuple[int, str], Times] = {}
    for contestant, tokens, first_s, rate in _answers(campaign):
        for prompts in _sizes_of(tokens):
            groups.setdefault((contestant, prompts), []).append((first_s, rate))
    made = [
        _speed(campaign, contestant, prompts, times)
        for (contestant, prompts), times in sorted(groups.items())
    ]
    with transaction.atomic():
        AnswerSpeed.objects.filter(campaign=campaign).delete()
        AnswerSpeed.objects.bulk_create(made)


def _answers(campaign: Campaign) -> Iterator[tuple[int, int | None, float, float | None]]:
    """Of each: contestant, tokens of its prompt, seconds to the first words, tokens per second.
    Those that a vote ended early count too: to leave out the slow ones that somebody stopped
    would make a model look faster."""
    if campaign.kind != Campaign.Kind.LIVE:
        return
    votes = Vote.objects.filter(battle__campaign=campaign).order_by("-pk")
    battles = votes.values("battle")[:MOST_VOTES]
    done = Answer.objects.filter(state=Answer.State.DONE, turn__battle__in=battles)
    rows = done.order_by().values_list(
        "revision__contestant", "prompt_tokens", "first_token_s", "tokens_per_second"
    )
    for contestant, tokens, first_s, rate in rows.iterator():
        if first_s is not None:
            yield contestant, tokens, first_s, rate


def _sizes_of(tokens: int | None) -> Iterator[str]:
    yield AnswerSpeed.Prompts.ALL
    if tokens is not None:
        yield next((size for most, size in SIZES if tokens <= most), AnswerSpeed.Prompts.LONG)


def _speed(campaign: Campaign, contestant: int, prompts: str, times: Times) -> AnswerSpeed:
    first = [seconds for seconds, _rate in times]
    rates = [rate for _seconds, rate in times if rate is not None]
    return AnswerSpeed(
        campaign=campaign,
        contestant_id=contestant,
        prompts=prompts,
        answers=len(times),
        first_s_median=_estimate(first, 0.5),
        first_s_p90=_estimate(first, 0.9),
        tokens_per_second_median=_estimate(rates, 0.5),
        tokens_per_second_p10=_estimate(rates, 0.1),
    )


def _estimate(values: Sequence[float], share: float) -> Estimate | None:
    return quantile_interval(np.array(values), share, LEVEL)
