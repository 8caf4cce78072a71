"""Style control: a board from its votes, controlled for the style of the answers. Knows no Django.

Length, headers, list items and bold spans of both answers are counted when a vote is cast or
imported (`arena.labels.style`); texts are not read again. Votes without texts cannot take part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ..core import ConvergenceError, NotEnoughDataError
from ..core.data.covariates import STYLE_FEATURES, relative_differences
from ..core.data.scale import POINTS_PER_NAT
from ..core.methods.style import StyleOptions, StyleRatings, style_control
from ..facts import Worth
from .votes_file import Votes

# Votes in which a feature has to differ: among fewer, the answer with more of it may have won every
# time, and its coefficient would diverge. A feature that rare does not affect a ranking.
FEWEST = 10


def rate(votes: Votes, n_models: int, settings: Mapping[str, Any]) -> StyleRatings:
    """Rate by votes whose style is known. Raises NotEnoughDataError when there are none, or when
    they do not identify the coefficients."""
    if not len(votes.left):
        raise NotEnoughDataError("The style of the answers is not known for any vote.")
    k = len(STYLE_FEATURES)
    differences = relative_differences(votes.style[:, :k], votes.style[:, k:])
    varies = np.flatnonzero((differences != 0).sum(axis=0) >= FEWEST)
    if not len(varies):
        raise NotEnoughDataError("All answers are alike in style.")
    options = StyleOptions(names=tuple(STYLE_FEATURES[i] for i in varies), **settings)
    columns = votes.left, votes.right, votes.verdict, differences[:, varies]
    try:
        return style_control(*columns, n_models, options=options)
    except ConvergenceError as error:
        raise NotEnoughDataError(
            "A style feature decides every vote in which it differs."
        ) from error


def settings() -> dict[str, Any]:
    """Everything that, with the votes, determines the numbers."""
    chosen = asdict(StyleOptions())
    return {name: chosen[name] for name in ("covariance", "ridge", "level", "seed")}


def worth(result: StyleRatings) -> tuple[Worth, ...]:
    ends = POINTS_PER_NAT * np.column_stack([result.coefficients, result.lower, result.upper])
    return tuple(Worth(name, *row) for name, row in zip(result.names, ends.tolist(), strict=True))
