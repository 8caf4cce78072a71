"""An agenda: several models lifted or sunk together, each too rarely to stand out by itself.

Before each vote, the voter's earlier votes say how likely each of its two models is to be lifted or
sunk, and a bet is made on the verdict that follows. As the bet is made before the vote, what it
pays is an e-value, however well the models are guessed.
"""

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.suspicion.agenda import agenda_of, rigged, told
from ratings.core.suspicion.betting import anytime
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.leaning import LIKELY, in_shares
from ratings.core.suspicion.rule import Found, Rule

MODELS = 1.0  # that an agenda lifts, and as many that it sinks, before anything is known


def weigh(case: Case) -> Found:
    e_value = float(LIKELY @ anytime(in_shares(_ratios(case))))
    leans = agenda_of(case.leanings)
    if not leans:
        return Found(e_value, "no model stands out", alone=1.0)
    return Found(e_value, f"the votes follow one plan: {told(case, leans)}")


def _ratios(case: Case) -> FloatArray:
    """(n,) how much likelier each verdict is from such a voter."""
    record, votes = case.record, len(case.record)
    up, down, honest = np.zeros((2, votes)), np.zeros((2, votes)), np.zeros(votes)
    prior = MODELS / len(case.field.scores)
    for model, judged in case.judged.items():
        at = judged.at
        side = (record.a[at] != model).astype(int)
        before = np.concatenate([np.ones((2, 1)), judged.path[:, :-1]], axis=1) * prior
        up[side, at], down[side, at] = before / (1.0 - 2.0 * prior + before.sum(axis=0))
        honest[at] = np.maximum(honest[at], judged.said)
    for_a = _wanted(up[0], down[0], up[1], down[1])
    for_b = _wanted(up[1], down[1], up[0], down[0])
    paid = for_a * rigged(record, True) + for_b * rigged(record, False)
    found: FloatArray = paid / honest + 1.0 - for_a - for_b
    return found


def _wanted(
    up: FloatArray, down: FloatArray, other_up: FloatArray, other_down: FloatArray
) -> FloatArray:
    """How likely a side is to be wanted: it is to be lifted and the other is not, or the other to
    be sunk and it is not."""
    return up * (1.0 - other_up) + other_down * (1.0 - down) - up * other_down


RULE = Rule("agendas", "Several models pushed together", "verdicts", weigh, stake=0.15, most=1e4)
