"""From the tallies or the votes of a board to its numbers, by the board's method. Knows no Django.
Publications are made, and reproduced (`reproduce`), by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..core import NotEnoughDataError, Ratings, Settings, Tallies, bradley_terry
from ..core.methods.bradley_terry import clustered_as
from ..core.methods.elo_ratings import EloSettings, elo_ratings
from ..core.uncertainty.voters import Clustering
from ..facts import Worth
from . import style
from .votes_file import Votes

ELO, STYLE = "elo", "style"
CLUSTERED = "clustered"
FROM_VOTES = (ELO, STYLE)  # the others need tallies only


@dataclass(frozen=True, eq=False)
class Rated:
    """A board's numbers, how many votes took part, the style coefficients under style control, and
    by what the votes of each voter were taken together, if they were."""

    ratings: Ratings
    votes: int
    worth: tuple[Worth, ...] = ()
    clustering: Clustering | None = None


def rate(
    method: str,
    settings: Mapping[str, Any],
    n_models: int,
    tallies: ArrayLike,
    votes: Votes | None = None,
    clustering: Clustering | None = None,
) -> Rated:
    """Rate a board by its tallies, (P, 6) as in `archive.TALLY`, or by its votes. Raises
    RatingsError; NotEnoughDataError if the method needs the votes, or the settings the clustering,
    and they are not known."""
    if method not in FROM_VOTES:
        table = np.array(tallies, dtype=np.int64).reshape(-1, 6)
        if settings["covariance"] == CLUSTERED:
            return _clustered(table, n_models, settings, clustering)
        return _from_tallies(table, n_models, settings)
    if votes is None:
        raise NotEnoughDataError(f"The method {method} needs individual votes.")
    if method == STYLE:
        return _with_style_held_equal(votes, n_models, settings)
    result = elo_ratings(votes.left, votes.right, votes.verdict, n_models, EloSettings(**settings))
    return Rated(result, len(votes.left))


def _clustered(
    table: np.ndarray, n_models: int, settings: Mapping[str, Any], known: Clustering | None
) -> Rated:
    if known is None:
        raise NotEnoughDataError("Its intervals need what the votes of each voter have in common.")
    tallies = Tallies.from_counts(table[:, :2], table[:, 2:], n_models)
    result = clustered_as(tallies, Settings(**settings), known)
    return Rated(result, int(table[:, 2:].sum()), clustering=known)


def _from_tallies(table: np.ndarray, n_models: int, settings: Mapping[str, Any]) -> Rated:
    result = bradley_terry(
        Tallies.from_counts(table[:, :2], table[:, 2:], n_models),
        ties=settings["ties"],
        both_bad=settings["both_bad"],
        covariance=settings["covariance"],
        level=settings["level"],
        draws=settings["draws"],
        seed=settings["seed"],
    )
    return Rated(result, int(table[:, 2:].sum()))


def _with_style_held_equal(votes: Votes, n_models: int, settings: Mapping[str, Any]) -> Rated:
    known = votes.with_style()
    result = style.rate(known, n_models, settings)
    return Rated(result.ratings, len(known.left), style.worth(result))
