"""The tie models against a general-purpose optimiser that sees only their likelihood."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from ratings.core import NotEnoughDataError, Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.fit.ties import TIE_MODELS
from ratings.core.methods.ratings import TieReading
from tests.ratings.core.shapes import simulate
from tests.ratings.core.shapes import tallies as arenas


def davidson(gap: Any, t: float) -> Any:
    logits = np.stack([gap / 2, -gap / 2, np.full_like(gap, t)])
    return logits - np.log(np.exp(logits).sum(axis=0))


def rao_kupper(gap: Any, t: float) -> Any:
    tie = 1 - expit(gap - t) - expit(-gap - t)
    return np.stack([log_expit(gap - t), log_expit(-gap - t), np.log(tie)])


def half(gap: Any, t: float) -> Any:
    return np.stack([log_expit(gap), log_expit(-gap), 0.5 * (log_expit(gap) + log_expit(-gap))])


LOG_LIKELIHOODS = {"half": half, "davidson": davidson, "rao-kupper": rao_kupper}


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
def test_tie_model_finds_the_general_optimum(ties: Any) -> None:
    tallies = simulate(4000, 6, seed=1, ties=0.25).tallies()
    first, second = tallies.pairs.T
    outcomes = tallies.counts[:, :3].T

    # Rao-Kupper's threshold is positive, so the optimiser moves its logarithm.
    domain = np.exp if ties == "rao-kupper" else float

    def loss(point: Any) -> float:
        likelihood = LOG_LIKELIHOODS[ties](point[first] - point[second], domain(point[-1]))
        return -float((outcomes * likelihood).sum())

    best = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-6})
    result = bradley_terry(tallies, ties=ties)
    expected = (best.x[:6] - best.x[:6].mean()) * POINTS_PER_NAT + 1000
    np.testing.assert_allclose(result.scores, expected, atol=0.01)
    assert result.log_likelihood == pytest.approx(-best.fun, abs=1e-5)
    if ties == "half":
        assert result.tie_parameter is None
    else:
        assert result.tie_parameter == pytest.approx(domain(best.x[6]), abs=1e-3)


@pytest.mark.parametrize("ties", ["half", "davidson", "rao-kupper"])
@pytest.mark.parametrize("gap", [-3.0, -0.2, 0.0, 0.4, 5.0])
def test_tie_model_derivatives_match_differences(ties: str, gap: float) -> None:
    model, t, step = TIE_MODELS[ties], 0.6, 1e-5
    outcomes = np.array([[3.0, 2.0, 4.0]])

    def value(g: float, tie: float) -> float:
        return float((outcomes * model.log_probabilities(np.array([g]), tie)).sum())

    at = model.derivatives(np.array([gap]), t, outcomes)
    slope = (value(gap + step, t) - value(gap - step, t)) / (2 * step)
    curvature = -(value(gap + step, t) - 2 * value(gap, t) + value(gap - step, t)) / step**2
    assert at.slope[0] == pytest.approx(slope, abs=1e-6)
    assert at.curvature[0] == pytest.approx(curvature, abs=1e-3)
    scores = model.scores(np.array([gap]), t)
    assert (outcomes * scores.gap).sum() == pytest.approx(at.slope[0])
    if model.n_parameters:
        tie_slope = (value(gap, t + step) - value(gap, t - step)) / (2 * step)
        assert at.tie_slope == pytest.approx(tie_slope, abs=1e-6)
        assert scores.tie is not None
        assert (outcomes * scores.tie).sum() == pytest.approx(at.tie_slope)
        ahead = model.derivatives(np.array([gap]), t + step, outcomes)
        behind = model.derivatives(np.array([gap]), t - step, outcomes)
        cross = -(ahead.slope[0] - behind.slope[0]) / (2 * step)
        assert at.cross[0] == pytest.approx(cross, abs=1e-5)
        bend = -(ahead.tie_slope - behind.tie_slope) / (2 * step)
        assert at.tie_curvature == pytest.approx(bend, abs=1e-5)


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_model_probabilities_sum_to_one(ties: str) -> None:
    gap = np.linspace(-8, 8, 33)
    chances = np.exp(TIE_MODELS[ties].log_probabilities(gap, 0.8))
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)


def test_davidson_recovers_the_simulated_truth() -> None:
    votes = simulate(200_000, 8, seed=4, ties=0.3)
    result = bradley_terry(votes.tallies(), ties="davidson")
    truth = votes.strengths * POINTS_PER_NAT + 1000
    assert (np.abs(result.scores - truth) < 4 * np.sqrt(np.diag(result.covariance))).all()
    assert result.tie_parameter == pytest.approx(np.log(2 * 0.3 / 0.7), abs=0.03)


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_model_without_ties_is_bradley_terry(ties: Any) -> None:
    tallies = Tallies.from_counts([[0, 1], [1, 2]], [[5, 2, 0, 0], [4, 4, 0, 0]], 3)
    np.testing.assert_allclose(
        bradley_terry(tallies, ties=ties).scores, bradley_terry(tallies).scores
    )
    assert bradley_terry(tallies, ties=ties).tie_parameter is None


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_tie_model_without_a_cycle_of_wins_is_not_determined(ties: Any) -> None:
    with pytest.raises(NotEnoughDataError, match="use ties='half'"):
        bradley_terry(Tallies.from_counts([[0, 1]], [[5, 0, 3, 0]], 2), ties=ties)


def test_both_bad_dropped_equals_votes_without_it() -> None:
    counts = np.array([[5, 2, 3, 7], [4, 4, 0, 9], [2, 6, 1, 0]])
    pairs = [[0, 1], [0, 2], [1, 2]]
    without = counts * [1, 1, 1, 0]
    dropped = bradley_terry(Tallies.from_counts(pairs, counts, 3), both_bad="drop")
    np.testing.assert_allclose(
        dropped.covariance, bradley_terry(Tallies.from_counts(pairs, without, 3)).covariance
    )


def test_both_bad_dropped_may_leave_a_pair_without_votes() -> None:
    pairs, counts = [[0, 1], [0, 2], [1, 2]], [[0, 0, 1, 0], [3, 3, 0, 0], [0, 0, 0, 5]]
    result = bradley_terry(Tallies.from_counts(pairs, counts, 3), both_bad="drop")
    assert np.isfinite(result.scores).all()
    assert np.isfinite(result.covariance).all()


@settings(max_examples=25, deadline=None)
@given(arenas(max_models=2))
def test_tie_models_agree_on_who_leads_two_models(tallies: Tallies) -> None:
    leads = [
        round(float(np.diff(bradley_terry(tallies, ties=ties).scores)[0]), 6)
        for ties in get_args(TieReading)
    ]
    assert np.sign(leads[0]) == np.sign(leads[1]) == np.sign(leads[2])
