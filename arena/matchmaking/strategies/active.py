"""By the information that the next vote on a pair adds (Chiang et al., "Chatbot Arena", ICML 2024,
eq. 9), with a fifth of the draws uniform: `ratings.core.questions.matchmaking`."""

from __future__ import annotations

import numpy as np

from .strategy import Facts, Strategy, Weights


def weigh(facts: Facts) -> Weights:
    """A pair that the ratings do not know counts as the most informative of the others."""
    known = facts.information
    most = float(np.nanmax(known, initial=0.0)) or 1.0
    return np.where(np.isnan(known), most, known)


ACTIVE = Strategy(
    "active",
    "Active",
    "The pairs whose next vote narrows an interval most are drawn more often.",
    0.2,
    weigh,
)
