from __future__ import annotations

import numpy as np

from .strategy import Facts, Strategy, Weights


def weigh(facts: Facts) -> Weights:
    return np.ones(len(facts.information))


UNIFORM = Strategy("uniform", "Uniform", "Every pair is as likely as any other.", 1.0, weigh)
