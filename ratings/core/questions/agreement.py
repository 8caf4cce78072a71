"""Do voters agree with each other, and does the side of an answer influence them?"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ratings.core.data.arrays import AnyArray, FloatArray, IntArray
from ratings.core.data.errors import NotEnoughDataError, RatingsError
from ratings.core.data.validation import as_indices, check_same_length, reject_first
from ratings.core.data.verdicts import Verdict
from ratings.core.methods.ratings import check_level
from ratings.core.uncertainty.proportions import wilson_interval

Distance = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class VerdictShares:
    """How often each verdict is given, and whether the side of an answer matters.

    Attributes:
        ties, both_bad: share of all votes.
        left, left_lower, left_upper: share of the decided votes that went to the left side, with
            Wilson interval; 0.5 without bias, as sides are drawn at random. NaN without decided
            votes.
        decided, votes: numbers of votes.
    """

    ties: float
    both_bad: float
    left: float
    left_lower: float
    left_upper: float
    decided: int
    votes: int


def verdict_shares(verdict: ArrayLike, *, level: float = 0.95) -> VerdictShares:
    """Shares of the four verdicts in (N,) votes whose sides were drawn at random.

    Raises:
        BadVotesError: names the first unknown verdict.
        NotEnoughDataError: no votes.
        RatingsError: level outside (0, 1).
    """
    check_level(level)
    seen = as_indices(verdict, "verdict").astype(np.int64)
    size = check_same_length(verdict=seen)
    unknown = (seen < 0) | (seen >= len(Verdict))
    reject_first(unknown, "verdict", seen, "is not one of 0 (A), 1 (B), 2 (TIE), 3 (BOTH_BAD)")
    left, right, ties, both_bad = np.bincount(seen, minlength=len(Verdict)).astype(np.float64)
    decided = np.array([left + right])
    lower, upper = wilson_interval(np.array([left]), decided, level)
    return VerdictShares(
        ties=ties / size,
        both_bad=both_bad / size,
        left=left / decided[0] if decided[0] else float("nan"),
        left_lower=float(lower[0]),
        left_upper=float(upper[0]),
        decided=int(decided[0]),
        votes=size,
    )


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha: 1 is perfect agreement, 0 is agreement by chance.

    Attributes:
        alpha: NaN when all judgements are the same: no disagreement is expected by chance.
        lower, upper: percentile bootstrap over items.
        items, judgements: numbers of items with at least two judgements, and of these judgements.
        distance: metric between two judgements.
    """

    alpha: float
    lower: float
    upper: float
    items: int
    judgements: int
    distance: Distance


def krippendorff_alpha(
    item: ArrayLike,
    value: ArrayLike,
    *,
    voter: ArrayLike | None = None,
    distance: Distance = "nominal",
    level: float = 0.95,
    rounds: int = 1000,
    seed: int = 0,
) -> Alpha:
    """Agreement of N judgements on items that several voters judged.

    Krippendorff, "Content Analysis" (4th ed., 2019), chapter 12. For votes, an item is one prompt
    with one pair of answers, and the value the verdict seen from the same model (see `oriented`).

    Args:
        item: (N,) integers; value: (N,) integers 0 .. c - 1, ordered if the distance is not
            nominal.
        voter: (N,) integers; only a voter's first judgement of an item counts. Default: all count.

    Raises:
        BadVotesError: names the first bad row.
        NotEnoughDataError: no item was judged twice.
        RatingsError: unknown distance, level outside (0, 1).
    """
    check_level(level)
    if distance not in get_args(Distance):
        raise RatingsError(f"distance={distance!r} is not one of {', '.join(get_args(Distance))}.")
    items, values = as_indices(item, "item"), as_indices(value, "value").astype(np.int64)
    check_same_length(item=items, value=values)
    reject_first(values < 0, "value", values, "is negative")
    if voter is not None:
        items, values = _first_of_each(items, values, as_indices(voter, "voter"))
    table = _judgements_per_item(items, values)
    patterns, times = np.unique(table, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(times.sum(), times / times.sum(), size=rounds)
    alphas = np.array([_alpha(patterns, row, distance) for row in [times, *draws]])
    scatter = alphas[1:][np.isfinite(alphas[1:])]
    tail = (1 - level) / 2
    lower, upper = np.quantile(scatter, [tail, 1 - tail]) if scatter.size else (np.nan, np.nan)
    return Alpha(alphas[0], lower, upper, len(table), int(table.sum()), distance)


def oriented(a: ArrayLike, b: ArrayLike, verdict: ArrayLike) -> IntArray:
    """(N,) values 0 (the model of lower index lost), 1 (tie or both bad), 2 (it won)."""
    left = np.asarray([2, 0, 1, 1])[np.asarray(verdict)]
    seen: IntArray = np.where(np.asarray(a) < np.asarray(b), left, 2 - left).astype(np.int64)
    return seen


def _first_of_each(items: AnyArray, values: IntArray, voter: AnyArray) -> tuple[AnyArray, IntArray]:
    check_same_length(item=items, voter=voter)
    first = np.unique(np.stack([items, voter]), axis=1, return_index=True)[1]
    return items[first], values[first]


def _judgements_per_item(items: AnyArray, values: IntArray) -> IntArray:
    names, row = np.unique(items, return_inverse=True)
    size = int(values.max()) + 1
    table = np.bincount(row * size + values, minlength=len(names) * size).reshape(-1, size)
    judged: IntArray = table[table.sum(axis=1) >= 2]
    if not len(judged):
        raise NotEnoughDataError("No item was judged by two voters: agreement cannot be measured.")
    return judged


def _alpha(patterns: IntArray, times: IntArray, distance: Distance) -> float:
    judged = patterns.sum(axis=1, keepdims=True)
    weighted = patterns * (times[:, None] / (judged - 1.0))
    coincidences = weighted.T @ patterns
    coincidences -= np.diag(weighted.sum(axis=0))
    margins = coincidences.sum(axis=1)
    apart = _distances(margins, distance)
    expected = float(margins @ apart @ margins) / (margins.sum() - 1)
    return 1.0 - float((coincidences * apart).sum()) / expected if expected > 0 else float("nan")


def _distances(margins: FloatArray, distance: Distance) -> FloatArray:
    if distance == "nominal":
        return 1.0 - np.eye(len(margins))
    if distance == "interval":
        place = np.arange(len(margins), dtype=np.float64)
    else:
        place = np.cumsum(margins) - 0.5 * margins
    squares: FloatArray = (place[:, None] - place[None, :]) ** 2
    return squares
