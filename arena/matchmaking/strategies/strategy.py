from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of n contestants; pairs in the order (0, 1), (0, 2), ..., (1, 2), ...

    Attributes:
        contestants: their primary keys.
        votes: (n,) cast on each in this campaign.
        information: (n (n - 1) / 2,) how much a vote on each pair would narrow the interval of its
            gap, with a floor, up to a common factor, as the ratings computed it from the votes and
            the fitted covariance; NaN for a pair that they do not know.
    """

    contestants: Sequence[int]
    votes: Weights
    information: Weights


@dataclass(frozen=True)
class Strategy:
    """A way to weigh the pairs.

    Attributes:
        title, about: for staff.
        floor: the share of an even draw that it leaves to every pair by itself.
        weigh: (n (n - 1) / 2,) weights of the pairs, none negative, up to a common factor.
    """

    name: str
    title: str
    about: str
    floor: float
    weigh: Callable[[Facts], Weights]
