"""Voters whose verdicts differ from those of other voters on the same pairs.

For every voter and every model the voter judged often, the question is whether this voter's votes
favour (or hurt) the model more than chance explains, if the verdicts cast on each pair had been
dealt to its voters at random. This permutation null needs no rating model and no estimates: a
voter's verdicts on a pair are then a draw without replacement from all verdicts on it, whose
distribution is known exactly.

P-values are *randomised*: verdicts are few and discrete, and without a uniform draw inside the jump
of the distribution the test is far too conservative (a voter who always favours the target on even
pairs would never be flagged). Pairs on which the voter has few votes are tested together; the
p-values of the rest are combined by Fisher's method, and the result corrected for the models and
directions tested (Bonferroni). After the voter test of Chiang et al., "Chatbot Arena" (ICML 2024),
section 5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError, RatingsError
from ratings.core.data.frames import frame, named
from ratings.core.data.laplacian import add_up
from ratings.core.data.tallies import Tallies, merge_verdicts
from ratings.core.data.voter_tallies import VoterTallies

# A pair with at least this many votes by the voter is a stratum of its own; the others share one.
OWN_STRATUM = 20
# Voters with p-values below this share of alpha are left out when others are tested again.
CLEAR = 0.1


@dataclass(frozen=True, eq=False)
class VoterAnomalies(ReadOnly):
    """One row per voter index.

    Attributes:
        p_value: (V,) of the voter's most suspicious model, Bonferroni-corrected for the models and
            directions tested; 1 for voters with too few votes to test.
        model: (V,) that model, -1 when nothing was tested.
        favours: (V,) whether the votes favour it (or hurt it).
        votes: (V,) number of votes.
        flagged: (V,) p_value below alpha, expected of at most a share alpha of honest voters.
        alpha, least, seed: the settings.
    """

    p_value: FloatArray
    model: IntArray
    favours: BoolArray
    votes: FloatArray
    flagged: BoolArray
    alpha: float
    least: int
    seed: int

    def to_frame(self, models: Sequence[str] | None = None) -> Any:
        """A `pandas.DataFrame` with a row for each voter, models by name if `models` are given.
        Needs pandas.

        Raises:
            RatingsError: there are not enough names.
        """
        columns = ("votes", "flagged", "p_value", "favours")
        arrays = {name: getattr(self, name) for name in columns}
        return frame({**arrays, "model": named(self.model, models)})


@dataclass(frozen=True)
class Suspicion:
    """The result for one voter; see `VoterAnomalies`."""

    p_value: float = 1.0
    model: int = -1
    favours: bool = False


def voter_anomalies(
    tallies: Tallies, *, alpha: float = 0.03, least: int = 10, seed: int = 0
) -> VoterAnomalies:
    """Test every voter against the others.

    Args:
        tallies: unweighted, made with voters.
        alpha: share of honest voters that may be flagged.
        least: votes on a model below which a voter is not tested on it.
        seed: of the random part of the p-values.

    Raises:
        NotEnoughDataError: tallies without voters.
        RatingsError: weighted tallies, or alpha outside (0, 1).
    """
    if tallies.voters is None:
        raise NotEnoughDataError("Voters can only be tested on tallies made with voter=...")
    if not np.array_equal(tallies.weights, tallies.counts):
        raise RatingsError("Voters are tested on unweighted tallies.")
    if not 0.0 < alpha < 1.0:
        raise RatingsError(f"alpha={alpha} is not between 0 and 1.")
    held, nobody = tallies.voters, np.zeros(tallies.voters.n_voters, dtype=bool)
    found = _test_all(tallies, held, nobody, least, np.random.default_rng(seed))
    # Honest voters are compared with verdicts that include those of manipulators: test again
    # without the clearest of these.
    clear = np.array([one.p_value < CLEAR * alpha for one in found])
    if clear.any():
        found = _test_all(tallies, held, clear, least, np.random.default_rng(seed))
    p_value = np.array([one.p_value for one in found])
    return VoterAnomalies(
        p_value=p_value,
        model=np.array([one.model for one in found], dtype=np.int64),
        favours=np.array([one.favours for one in found], dtype=bool),
        votes=add_up(held.voter, held.weights.sum(axis=1), held.n_voters),
        flagged=p_value < alpha,
        alpha=alpha,
        least=least,
        seed=seed,
    )


def _test_all(
    tallies: Tallies,
    held: VoterTallies,
    left_out: BoolArray,
    least: int,
    rng: np.random.Generator,
) -> list[Suspicion]:
    verdicts = merge_verdicts(held.weights, "tie")
    theirs = left_out[held.voter]
    cast = merge_verdicts(tallies.counts, "tie")
    np.subtract.at(cast, held.pair[theirs], verdicts[theirs])
    found = [Suspicion()] * held.n_voters
    for voter, rows in _rows_by_voter(held.voter):
        own, pairs = verdicts[rows], held.pair[rows]
        others = cast[pairs] + own if left_out[voter] else cast[pairs]
        found[voter] = _most_suspicious(own, others, tallies.pairs[pairs], least, rng)
    return found


def _rows_by_voter(voter: IntArray) -> Iterator[tuple[int, IntArray]]:
    order = np.argsort(voter, kind="stable")
    names, starts = np.unique(voter[order], return_index=True)
    for name, rows in zip(names, np.split(order, starts[1:]), strict=True):
        yield int(name), rows


def _most_suspicious(
    own: FloatArray, cast: FloatArray, pairs: IntArray, least: int, rng: np.random.Generator
) -> Suspicion:
    judged = np.bincount(pairs.ravel(), np.repeat(own.sum(axis=1), 2))
    tested = np.flatnonzero(judged >= least)
    found = [_suspicion(int(model), own, cast, pairs, rng) for model in tested]
    if not found:
        return Suspicion()
    worst = min(found, key=lambda one: one.p_value)
    return replace(worst, p_value=min(1.0, worst.p_value * 2 * len(tested)))


def _suspicion(
    model: int, own: FloatArray, cast: FloatArray, pairs: IntArray, rng: np.random.Generator
) -> Suspicion:
    mine = (pairs == model).any(axis=1)
    # With the model second in the pair, its wins are recorded as losses.
    turned = (pairs[mine, 1] == model)[:, None]
    hurts, favours = _favour_tests(
        np.where(turned, own[mine][:, [1, 0, 2]], own[mine]),
        np.where(turned, cast[mine][:, [1, 0, 2]], cast[mine]),
        rng,
    )
    return Suspicion(min(hurts, favours), model, favours < hurts)


def _favour_tests(
    own: FloatArray, cast: FloatArray, rng: np.random.Generator
) -> tuple[float, float]:
    """Fisher-combined p-values that the (k, 3) own verdicts hurt, and favour, the model."""
    alone = own.sum(axis=1) >= OWN_STRATUM
    strata = [np.array([row]) for row in np.flatnonzero(alone)]
    if not alone.all():
        strata.append(np.flatnonzero(~alone))
    below = np.array([_share_below(own[rows], cast[rows], rng) for rows in strata])
    return _fisher(below), _fisher(1.0 - below)


def _fisher(p_values: FloatArray) -> float:
    statistic = -2.0 * np.log(np.maximum(p_values, np.finfo(np.float64).tiny)).sum()
    return float(chi2.sf(statistic, 2 * len(p_values)))


def _share_below(own: FloatArray, cast: FloatArray, rng: np.random.Generator) -> float:
    """Randomised share of the null distribution below the voter's points; uniform under it."""
    distribution = np.ones(1)
    for mine, everybody in zip(own, cast, strict=True):
        held = points_distribution(int(mine.sum()), *map(float, everybody))
        distribution = np.convolve(distribution, held)
    points = round(2 * own[:, 0].sum() + own[:, 2].sum())
    below = float(distribution[:points].sum() + rng.random() * distribution[points])
    return min(max(below, 0.0), 1.0)


@lru_cache(maxsize=1 << 14)  # many voters cast equally many votes on one pair
def points_distribution(votes: int, wins: float, losses: float, ties: float) -> FloatArray:
    """Points (2 x wins + ties) of `votes` verdicts drawn without replacement from those cast.

    Args:
        wins, losses, ties: numbers of them among all votes on the pair.

    Returns:
        (2 * votes + 1,) probabilities of 0, 1, ..., 2 * votes points.
    """
    won, drawn = np.meshgrid(np.arange(votes + 1), np.arange(votes + 1), indexing="ij")
    lost = votes - won - drawn
    possible = (lost >= 0) & (won <= wins) & (drawn <= ties) & (lost <= losses)
    won, drawn, lost = won[possible], drawn[possible], lost[possible]
    log = _log_choose(wins, won) + _log_choose(ties, drawn) + _log_choose(losses, lost)
    log -= _log_choose(wins + losses + ties, np.array([votes]))
    chances: FloatArray = add_up(2 * won + drawn, np.exp(log), 2 * votes + 1)
    chances /= chances.sum()
    chances.flags.writeable = False
    return chances


def _log_choose(n: float, k: IntArray) -> FloatArray:
    log: FloatArray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return log
