"""What answers cost: prices per million tokens, at the lengths of prompts and answers here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from arena.models import Contestant

from ..core.uncertainty.quantiles import Estimate
from ..models import ResponseTime

FEWEST = 30  # answers; below, an average of tokens has no interval worth the name
Z = 1.959964  # of a 95% interval


@dataclass(frozen=True)
class Cost:
    """Dollars per 1,000 answers, and what it was reckoned from.

    Attributes:
        estimate: with the 95% interval of the average; prices are taken as exact.
        battle: dollars per battle, for the side of the model.
        read, written: tokens per answer, on average; of so many answers.
    """

    estimate: Estimate
    battle: float
    read: float
    written: float
    answers: int

    @property
    def value(self) -> float:
        return self.estimate.value


def cost_of(contestant: Contestant, time: ResponseTime | None) -> Cost | None:
    """None if a price is not known, or too few answers have known tokens."""
    if time is None or time.counted < FEWEST or time.read is None or time.written is None:
        return None
    if contestant.input_price is None or contestant.output_price is None:
        return None
    per_read, per_written = (
        float(price) / 1000 for price in (contestant.input_price, contestant.output_price)
    )
    value = per_read * time.read + per_written * time.written
    variance = (
        per_read**2 * (time.read_variance or 0)
        + 2 * per_read * per_written * (time.covariance or 0)
        + per_written**2 * (time.written_variance or 0)
    )
    margin = Z * math.sqrt(max(variance, 0.0) / time.counted)
    estimate = Estimate(value, max(value - margin, 0.0), value + margin)
    battle = value / 1000 * time.counted / max(time.battles, 1)
    return Cost(estimate, battle, time.read, time.written, time.counted)
