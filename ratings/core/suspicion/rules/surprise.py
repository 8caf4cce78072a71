"""Randomised p-values against the fitted model: the verdicts on a model surprise too often in the
same direction, whatever the reason.

The p-value of a vote is uniform for an honest voter, thanks to a random part within each verdict
(without it, verdicts are too few for the test to notice anything), or larger. The bet is that most
are below some level (calibrators of p-values: Vovk and Wang, "E-values", Annals of Statistics
49, 2021).
"""

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.suspicion.betting import anytime, mixed
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.record import LOSS
from ratings.core.suspicion.rule import Found, Rule
from ratings.core.suspicion.tastes import with_taste

LEVELS = (0.5, 0.65, 0.8)
BELOW = 0.95  # share of the p-values, by the bet
# Points that an honest voter's taste may add to everybody's score, or take from it: six to one
# between equal models. Whoever has less of it gets larger p-values than uniform ones.
TASTE = 300.0


def p_values(case: Case, model: int, favours: bool) -> FloatArray:
    """(n,) chances that a vote of somebody with this taste favours (or hurts) the model as much."""
    record, votes = case.record, case.record.of(model)
    gaps, results = case.field.gaps(record, model, votes), record.results(model, votes)
    if not favours:
        gaps, results = -gaps, LOSS - results
    chances = with_taste(gaps, case.field.tie, TASTE)
    rows = np.arange(len(results))
    better = np.cumsum(chances, axis=1)[rows, results] - chances[rows, results]
    found: FloatArray = better + record.draws[votes] * chances[rows, results]
    return np.clip(found, 0.0, 1.0)


def e_value(p: FloatArray) -> float:
    return mixed([anytime(_paid(p, level)) for level in LEVELS])


def _paid(p: FloatArray, level: float) -> FloatArray:
    return np.where(p < level, BELOW / level, (1.0 - BELOW) / (1.0 - level))


def weigh(case: Case) -> Found:
    found = {
        (model, favours): e_value(p_values(case, model, favours))
        for model in case.foreseen
        for favours in (True, False)
    }
    model, favours = max(found, key=lambda lean: found[lean])
    direction = "better" if favours else "worse"
    name = case.field.names[model]
    reason = f"{name} did {direction} than its score and a strong taste together explain"
    return Found(sum(found.values()) / case.corrected_for, reason, found[model, favours])


RULE = Rule("surprise", "Against the fitted model", "verdicts", weigh, stake=0.2, most=1e4)
