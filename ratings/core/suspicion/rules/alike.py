"""Alike in target: more voters stand out for (or against) one model than for any other.

Under honest voters, those who stand out are spread over the models by chance: the counts of the
other models say how many to expect. A rigger who spreads the votes over several browsers is one of
many on the target.
"""

from math import exp, lgamma, log

import numpy as np

from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

STANDS_OUT = 20.0  # e-value of a voter's votes on a model
MORE = (4.0, 12.0)  # voters more than expected, of a campaign; each as likely


def weigh(case: Case) -> Found:
    own = case.leanings
    model, favours = lean = max(own, key=lambda each: own[each])
    if own[lean] < STANDS_OUT:
        return Found()
    counts = case.field.standing_out
    place = 0 if favours else 1
    others = int(counts[model, place])
    expected = (counts.sum() - others + 1.0) / (counts.size - 1)
    e_value = float(
        np.mean(
            [exp(_poisson(others, expected + more) - _poisson(others, expected)) for more in MORE]
        )
    )
    which = "for" if favours else "against"
    reason = (
        f"{others} other voters stand out {which} {case.field.names[model]}, "
        f"where {expected:.1f} would by chance"
    )
    return Found(e_value, reason)


def _poisson(number: int, expected: float) -> float:
    return number * log(expected) - expected - lgamma(number + 1)


RULE = Rule("alike", "Alike in target", "others", weigh, stake=0.3, most=20.0)
