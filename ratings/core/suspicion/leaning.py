"""Does a voter decide for a model, or against it, whatever the answers?

Compares two explanations of the votes on a model: an honest taste (`tastes`), or somebody who
decides for it, or against it, in nearly all of them, or in some.
"""

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.suspicion.betting import anytime, mixed
from ratings.core.suspicion.tastes import Foreseen

Lean = tuple[int, bool]  # a model, and whether it is favoured
NEARLY = np.array([0.96, 0.02, 0.02])  # win, tie, loss of a rigger's target
# Shares of rigged votes, the others being as of an honest voter; and how likely each is.
SHARES = ((1.0, 0.6), (0.6, 0.25), (0.3, 0.15))
LIKELY = [likely for _, likely in SHARES]


def ratios(foreseen: Foreseen, favours: bool) -> list[FloatArray]:
    """For each of `SHARES`, how much likelier each result is from such a rigger."""
    rigged = (NEARLY if favours else NEARLY[::-1])[foreseen.results]
    return [share * rigged / foreseen.said + 1.0 - share for share, _ in SHARES]


def e_value(foreseen: Foreseen, favours: bool) -> float:
    """Of all votes on the model."""
    return mixed([anytime(each) for each in ratios(foreseen, favours)], LIKELY)
