"""Style control: Bradley-Terry with covariates, from single votes.

logit P(left wins) = score(left) - score(right) + x'beta for the covariates x of the vote; ties and
both-bad count half. The coefficients measure the effect of each covariate on the voters; the scores
are those of answers that do not differ in the covariates. Covariates differ from vote to vote, so
every vote is needed; votes are processed block by block to limit the memory used.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from ratings.core.data.arrays import AnyArray, FloatArray, ReadOnly
from ratings.core.data.errors import BadVotesError, NotEnoughDataError
from ratings.core.data.frames import frame
from ratings.core.data.graph import Status
from ratings.core.data.laplacian import laplacian
from ratings.core.data.scale import MEAN_AT_1000, Anchor
from ratings.core.data.tallies import Tallies, merge_verdicts
from ratings.core.data.validation import as_floats, check_can_be_rated
from ratings.core.fit.covariate_newton import maximise_with_covariates
from ratings.core.fit.covariate_votes import CovariateVotes
from ratings.core.fit.fitting import RatedFit, fit_rated
from ratings.core.fit.newton import Fit
from ratings.core.methods.ratings import Ratings, Settings, check_settings
from ratings.core.methods.report import place_ratings
from ratings.core.uncertainty.covariance import floor_of_ties
from ratings.core.uncertainty.voters import clustering

StyleCovariance = Literal["sandwich", "clustered"]


@dataclass(frozen=True, eq=False)
class StyleRatings(ReadOnly):
    """Ratings controlled for covariates, and the coefficients of the covariates.

    Attributes:
        ratings: scores of answers that are equal in every covariate.
        names: (k,) of the covariates.
        coefficients, lower, upper: (k,) natural-log odds of a win per unit of the covariate, with
            intervals at the level of the ratings.
        covariance: (k, k) of the coefficients.
        ridge: regularisation of the fit; 0 is none.
    """

    ratings: Ratings
    names: tuple[str, ...]
    coefficients: FloatArray
    lower: FloatArray
    upper: FloatArray
    covariance: FloatArray
    ridge: float

    def to_frame(self) -> Any:
        """A `pandas.DataFrame` with a row for each covariate; scores are in `ratings`. Needs
        pandas."""
        columns = ("coefficients", "lower", "upper")
        return frame({name: getattr(self, name) for name in columns}, self.names)


@dataclass(frozen=True)
class StyleOptions:
    """How to fit and report.

    Attributes:
        names: (k,) of the covariates, for reports and errors; default x0, x1, ...
        covariance: over independent votes, or over independent voters.
        ridge: adds ridge / 2 * |beta|^2 to the negative log-likelihood, which sums over votes.
        level, anchor, seed: as in `Settings`.
    """

    names: tuple[str, ...] | None = None
    covariance: StyleCovariance = "sandwich"
    ridge: float = 0.0
    level: float = 0.95
    anchor: Anchor = MEAN_AT_1000
    seed: int = 0


DEFAULTS = StyleOptions()


def style_control(
    a: ArrayLike,
    b: ArrayLike,
    verdict: ArrayLike,
    covariates: ArrayLike,
    n_models: int,
    *,
    weight: ArrayLike | None = None,
    voter: ArrayLike | None = None,
    options: StyleOptions = DEFAULTS,
) -> StyleRatings:
    """Rate the models, controlled for covariates.

    Args:
        a, b, verdict, weight, voter: (N,) as in `Tallies.from_votes`.
        covariates: (N, k) seen from the left side, such as `relative_differences`; a column of ones
            measures the advantage of the left side.

    Raises:
        BadVotesError: names the first bad row; a covariate that is not finite; a negative ridge.
        NotEnoughDataError: nobody can be rated, a covariate that never varies or follows from the
            others, or 'clustered' without at least two voters.
        ConvergenceError: Newton's method did not reach its tolerance.
        RatingsError: unknown option, an anchor that is not rated, or too many models.
    """
    settings = Settings(
        covariance=options.covariance, level=options.level, anchor=options.anchor, seed=options.seed
    )
    check_settings(settings)
    check_can_be_rated(n_models)
    tallies = Tallies.from_votes(a, b, verdict, n_models, weight=weight, voter=voter)
    x, names = _columns(covariates, options.names, round(tallies.n_votes))
    plain = fit_rated(tallies.pairs, merge_verdicts(tallies.weights, "tie"), n_models, "half")
    if plain.fit is None:
        raise NotEnoughDataError("No two models can be rated.")
    rated = plain.status == Status.RATED
    columns = np.asarray(a), np.asarray(b), np.asarray(verdict), x
    heft, who = _optional(weight), _optional(voter)
    votes = CovariateVotes(*columns, heft, who, n_models).among(rated)
    fit = maximise_with_covariates(votes, names, _ridge(options), plain.fit)
    floor = _floor(tallies, plain, plain.fit)
    found = None
    if options.covariance == "clustered":
        found = clustering(*fit.scores_by_voter(), fit.scatter)
        spread = fit.sandwich(floor, found.excess) * found.widening(options.level) ** 2
    else:
        spread = fit.sandwich(floor)
    n = votes.n_models
    ratings = place_ratings(
        tallies,
        fit.point[:n],
        plain.status,
        spread[:n, :n],
        settings,
        log_likelihood=fit.log_likelihood,
        iterations=fit.iterations,
    )
    ratings = replace(ratings, clustering=found)
    return _report(ratings, names, fit.point[n:], spread[n:, n:], options.ridge)


def _floor(tallies: Tallies, rated: RatedFit, fit: Fit) -> FloatArray:
    squares = rated.rows(merge_verdicts(tallies.squares, "tie"))
    problem = fit.problem
    return laplacian(problem.pairs, floor_of_ties(fit, squares), problem.n_models)


def _optional(values: ArrayLike | None) -> AnyArray | None:
    return None if values is None else np.asarray(values)


def _ridge(options: StyleOptions) -> float:
    if not options.ridge >= 0:
        raise BadVotesError(f"ridge={options.ridge} is negative.")
    return options.ridge


def _columns(
    covariates: ArrayLike, names: tuple[str, ...] | None, size: int
) -> tuple[FloatArray, tuple[str, ...]]:
    x = as_floats(covariates, "covariates")
    if x.ndim != 2 or len(x) != size or not x.shape[1]:
        raise BadVotesError(f"'covariates' has shape {x.shape}, expected ({size}, k).")
    labels = names or tuple(f"x{i}" for i in range(x.shape[1]))
    if len(labels) != x.shape[1]:
        raise BadVotesError(f"{len(labels)} names for {x.shape[1]} covariates.")
    if not np.isfinite(x.sum()):  # much quicker than checking each value
        _reject_infinite(x, labels)
    return x, labels


def _reject_infinite(x: FloatArray, labels: tuple[str, ...]) -> None:
    for row, j in np.argwhere(~np.isfinite(x))[:1]:
        raise BadVotesError(f"covariate '{labels[j]}' {x[row, j]} is not finite.", int(row))


def _report(
    ratings: Ratings,
    names: tuple[str, ...],
    coefficients: FloatArray,
    covariance: FloatArray,
    ridge: float,
) -> StyleRatings:
    margin = ndtri(0.5 + ratings.settings.level / 2) * np.sqrt(np.diag(covariance))
    return StyleRatings(
        ratings,
        names,
        coefficients,
        coefficients - margin,
        coefficients + margin,
        covariance,
        ridge,
    )
