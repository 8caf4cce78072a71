"""Randomised p-values against the fitted model: the verdicts on a model surprise too often in the
same direction, whatever the reason.

The p-value of a vote is uniform for an honest voter, thanks to a random part within each verdict
(without it, verdicts are too few for the test to notice anything), or larger. The bet is that most
are below some level (calibrators of p-values: Vovk and Wang, "E-values", Annals of Statistics
49, 2021).
"""

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray
from ratings.core.suspicion.betting import anytime
from ratings.core.suspicion.case import Block, Case
from ratings.core.suspicion.leaning import Lean
from ratings.core.suspicion.record import LOSS
from ratings.core.suspicion.rule import Found, Rule
from ratings.core.suspicion.tastes import with_taste

LEVELS = np.array([0.5, 0.65, 0.8])
BELOW = 0.95  # share of the p-values, by the bet
# Points that an honest voter's taste may add to everybody's score, or take from it: six to one
# between equal models. Whoever has less of it gets larger p-values than uniform ones.
TASTE = 300.0


def p_values(case: Case, block: Block) -> FloatArray:
    """(2, m, n) chances that a vote of somebody with this taste favours the model as much, or hurts
    it as much."""
    both = np.stack([block.results, LOSS - block.results])[..., None]
    chances = with_taste(np.stack([block.gaps, -block.gaps]), case.field.tie, TASTE)
    said = np.take_along_axis(chances, both, axis=-1)[..., 0]
    better = np.take_along_axis(np.cumsum(chances, axis=-1), both, axis=-1)[..., 0] - said
    found: FloatArray = better + case.record.draws[block.at] * said
    return np.clip(found, 0.0, 1.0)


def e_values(p: FloatArray, there: BoolArray) -> FloatArray:
    """(2, m) of (2, m, n) p-values."""
    levels = LEVELS[:, None, None, None]
    paid = np.where(p < levels, BELOW / levels, (1.0 - BELOW) / (1.0 - levels))
    found: FloatArray = anytime(np.where(there, paid, 1.0)).mean(axis=0)
    return found


def weigh(case: Case) -> Found:
    found: dict[Lean, float] = {}
    for block in case.blocks:
        better, worse = e_values(p_values(case, block), block.there)
        for row, model in enumerate(map(int, block.models)):
            found |= {(model, True): float(better[row]), (model, False): float(worse[row])}
    model, favours = max(found, key=lambda lean: found[lean])
    direction = "better" if favours else "worse"
    name = case.field.names[model]
    reason = f"{name} did {direction} than its score and a strong taste together explain"
    return Found(sum(found.values()) / case.corrected_for, reason, found[model, favours])


RULE = Rule("surprise", "Against the fitted model", "verdicts", weigh, stake=0.1, most=1e4)
