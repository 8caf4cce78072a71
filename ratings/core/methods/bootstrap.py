"""Bootstrap: how the ratings vary when the votes, or the voters, are resampled.

Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979). Resampling
votes is a multinomial draw on the tallies, so its cost does not depend on the number of votes.
Resampling voters keeps each voter's votes together, because they are correlated.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from ratings.core.data.arrays import AnyArray, FloatArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError, RatingsError
from ratings.core.data.scale import MEAN_AT_1000, POINTS_PER_NAT, Anchor
from ratings.core.data.tallies import BothBadReading, Tallies, merge_verdicts
from ratings.core.fit.refit import refit_exactly, refit_half_wins
from ratings.core.methods.bradley_terry import bradley_terry
from ratings.core.methods.ratings import Ratings, TieReading
from ratings.core.uncertainty.multinomial import MultinomialSampler
from ratings.core.uncertainty.ranks import rank_ub
from ratings.core.uncertainty.threads import in_threads

Unit = Literal["vote", "voter"]
TOO_FEW = (
    "There are too few votes to resample: the rated models hardly ever stay connected. Use "
    "the sandwich intervals."
)
ROUNDS_PER_BLOCK = 128

# Draws (3, P, rounds) weights of [first wins, second wins, ties].
Resampler = Callable[[int, np.random.Generator], AnyArray]


@dataclass(frozen=True, eq=False)
class Bootstrap(ReadOnly):
    """Resampled ratings.

    Attributes:
        ratings: the point estimate with percentile intervals, and the covariance of the draws
            (infinite ones replaced by the model's most extreme finite one).
        draws: (rounds, n) scores in Elo points; +-inf where a model won or lost every vote of the
            round, NaN for models that are not rated.
        unit: what was drawn with replacement; seed: of the draws.
    """

    ratings: Ratings
    draws: FloatArray
    unit: Unit
    seed: int


def bootstrap(
    tallies: Tallies,
    *,
    rounds: int = 1000,
    unit: Unit = "vote",
    ties: TieReading = "half",
    both_bad: BothBadReading = "tie",
    level: float = 0.95,
    anchor: Anchor = MEAN_AT_1000,
    seed: int = 0,
) -> Bootstrap:
    """Rate `rounds` resamples of the votes (or voters) and take percentile intervals.

    Weighted votes are drawn with the mean weight of their pair and verdict.

    Raises:
        NotEnoughDataError: nobody can be rated, or unit='voter' with fewer than two voters.
        RatingsError: rounds below 2, unknown unit, and whatever `bradley_terry` raises.
    """
    if rounds < 2:
        raise RatingsError(f"rounds={rounds}: a spread needs at least two.")
    point = bradley_terry(tallies, ties=ties, both_bad=both_bad, level=level, anchor=anchor)
    if not point.rated.any():
        raise NotEnoughDataError("No two models can be rated: there is nothing to resample.")
    kept = point.rated[tallies.pairs[:, 0]] & point.rated[tallies.pairs[:, 1]]
    resample = _resampler(tallies, kept, unit, both_bad, rounds)
    number = np.cumsum(point.rated) - 1
    pairs, centre = number[tallies.pairs[kept]], point.scores[point.rated] / POINTS_PER_NAT
    refit = refit_half_wins if ties == "half" else refit_exactly

    def rate(block: tuple[int, np.random.Generator]) -> FloatArray:
        return refit(pairs, resample(*block), centre, ties)

    blocks = in_threads(rate, _blocks(rounds, seed))
    draws = np.full((rounds, tallies.n_models), np.nan)
    draws[:, point.rated] = np.concatenate(blocks) * POINTS_PER_NAT
    return Bootstrap(_with_intervals(point, draws), draws, unit, seed)


def _blocks(rounds: int, seed: int) -> list[tuple[int, np.random.Generator]]:
    # One generator per block of rounds, so that results do not depend on the order of the threads.
    sizes = [ROUNDS_PER_BLOCK] * (rounds // ROUNDS_PER_BLOCK) + [rounds % ROUNDS_PER_BLOCK]
    kept = [size for size in sizes if size]
    return list(zip(kept, np.random.default_rng(seed).spawn(len(kept)), strict=True))


def _resampler(
    tallies: Tallies,
    kept: AnyArray,
    unit: Unit,
    both_bad: BothBadReading,
    rounds: int,
) -> Resampler:
    if unit == "vote":
        counts = merge_verdicts(tallies.counts[kept], both_bad)
        return _by_vote(counts, merge_verdicts(tallies.weights[kept], both_bad), rounds)
    if unit != "voter":
        raise RatingsError(f"unit={unit!r} is not one of vote, voter.")
    if tallies.voters is None:
        raise NotEnoughDataError("unit='voter' needs tallies made with voter=...")
    votes = tallies.voters.of_pairs(kept)
    outcomes = merge_verdicts(votes.weights, both_bad)
    return _by_voter(votes.voter, votes.pair, outcomes, int(kept.sum()))


def _by_vote(counts: FloatArray, weights: FloatArray, rounds: int) -> Resampler:
    votes = counts.T.ravel()
    order = np.argsort(votes, kind="stable")
    order = order[np.searchsorted(votes[order], 0.0, side="right") :]
    # Cell 0 holds no votes, and stands for every pair and verdict without any.
    cells = np.append(0.0, votes[order])
    mean = np.append(0.0, weights.T.ravel()[order] / votes[order]).astype(np.float32)[:, None]
    sampler = MultinomialSampler(cells, round(votes.sum()), rounds)
    row = np.zeros(votes.size, dtype=np.int64)
    row[order] = np.arange(1, len(cells))
    weighted = bool((mean[1:] != 1.0).any())

    def resample(size: int, rng: np.random.Generator) -> AnyArray:
        drawn = sampler.draw(size, rng)
        if weighted:
            drawn = drawn * mean
        return drawn.take(row, axis=0).reshape(3, len(counts), size)

    return resample


def _by_voter(voter: AnyArray, pair: AnyArray, outcomes: FloatArray, n_pairs: int) -> Resampler:
    names, row = np.unique(voter, return_inverse=True)
    n = len(names)
    if n < 2:
        raise NotEnoughDataError("Resampling voters needs votes of at least two voters.")
    shape = (n_pairs, n)
    votes = [csr_array((column.astype(np.float32), (pair, row)), shape) for column in outcomes.T]

    def resample(size: int, rng: np.random.Generator) -> AnyArray:
        drawn = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        return np.stack([table @ times.T.astype(np.float32) for table in votes])

    return resample


def _percentiles(draws: FloatArray, point: Ratings) -> tuple[FloatArray, FloatArray]:
    rated, tail = point.rated, (1.0 - point.settings.level) / 2
    ends = np.full((2, len(rated)), np.nan)
    shares = [tail, 1.0 - tail]
    ends[:, rated] = np.nanquantile(draws[:, rated], shares, axis=0, method="nearest")
    return ends[0], ends[1]


def _with_intervals(point: Ratings, draws: FloatArray) -> Ratings:
    # Also shifts `draws` to the anchor, in place. Ranks come from the intervals before the shift:
    # see `Ratings.rank_ub`.
    rated, anchor = point.rated, point.settings.anchor
    # A round in which some model is not connected to the others says nothing about covariances.
    joined = ~np.isnan(draws[:, rated]).any(axis=1)
    if joined.sum() < 2:
        raise NotEnoughDataError(TOO_FEW)
    ends = _percentiles(draws, point)
    ranks = rank_ub(*ends)
    if anchor.model is not None:
        draws += anchor.score - draws[:, anchor.model, None]
        ends = _percentiles(draws, point)
    lower, upper = np.where(rated, ends, [point.lower, point.upper])
    mine = draws[joined][:, rated]
    known = np.isfinite(mine)
    if not known.any(axis=0).all():
        raise NotEnoughDataError(TOO_FEW)
    finite = np.where(known, mine, np.nan)
    bounded = np.clip(mine, np.nanmin(finite, axis=0), np.nanmax(finite, axis=0))
    covariance = point.covariance.copy()
    covariance[np.ix_(rated, rated)] = np.cov(bounded, rowvar=False)
    settings = replace(point.settings, covariance="bootstrap")
    return replace(
        point,
        lower=lower,
        upper=upper,
        covariance=covariance,
        rank_ub=ranks,
        settings=settings,
    )
