"""Ratings from paired comparisons: a small numerical library on numpy and scipy alone."""

from ratings.core.data.errors import (
    BadVotesError,
    ConvergenceError,
    NotEnoughDataError,
    NotRatedError,
    RatingsError,
)
from ratings.core.data.graph import Status
from ratings.core.data.scale import MEAN_AT_1000, Anchor
from ratings.core.data.tallies import Tallies
from ratings.core.data.verdicts import Verdict
from ratings.core.methods.bradley_terry import bradley_terry
from ratings.core.methods.ratings import Ratings, Settings

__all__ = [
    "MEAN_AT_1000",
    "Anchor",
    "BadVotesError",
    "ConvergenceError",
    "NotEnoughDataError",
    "NotRatedError",
    "Ratings",
    "RatingsError",
    "Settings",
    "Status",
    "Tallies",
    "Verdict",
    "bradley_terry",
]
