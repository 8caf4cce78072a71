from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm, t

from ratings.core import (
    BadVotesError,
    ConvergenceError,
    NotEnoughDataError,
    Ratings,
    Tallies,
    bradley_terry,
)
from ratings.core.data.covariates import count_style, relative_differences, style_counts
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.fit import covariate_newton
from ratings.core.methods.style import StyleCovariance, StyleOptions, StyleRatings, style_control
from tests.ratings.core.shapes import Array, Votes, davidson_verdicts, simulate

SLOPES = np.array([0.5, -0.2])


def styled(n_votes: int, n_models: int, seed: int = 0) -> tuple[Votes, Array]:
    """Votes that depend on two covariates as well, and the covariates."""
    votes = simulate(n_votes, n_models, seed)
    rng = np.random.default_rng(seed + 1)
    x = rng.normal(size=(n_votes, 2))
    gap = votes.strengths[votes.a] - votes.strengths[votes.b] + x @ SLOPES
    return Votes(votes.a, votes.b, davidson_verdicts(rng, gap, 0.0), votes.strengths), x


def control(votes: Votes, x: Array, **rest: Any) -> StyleRatings:
    return style_control(votes.a, votes.b, votes.verdict, x, votes.n_models, **rest)


def design(votes: Votes, x: Array) -> Array:
    matrix = np.zeros((len(votes.a), votes.n_models + x.shape[1]))
    matrix[np.arange(len(votes.a)), votes.a] += 1
    matrix[np.arange(len(votes.a)), votes.b] -= 1
    matrix[:, votes.n_models :] = x
    return matrix


def test_style_control_finds_the_general_optimum() -> None:
    votes, x = styled(3000, 4)
    z, share = design(votes, x), np.array([1, 0, 0.5])[votes.verdict]

    def loss(point: Array) -> float:
        gap = z @ point
        return float((np.logaddexp(0, gap) - share * gap).sum() + 0.5 * 7 * (point[4:] ** 2).sum())

    best = minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-7})
    result = control(votes, x, options=StyleOptions(ridge=7.0))
    np.testing.assert_allclose(result.coefficients, best.x[4:], atol=1e-6)
    expected = (best.x[:4] - best.x[:4].mean()) * POINTS_PER_NAT + 1000
    np.testing.assert_allclose(result.ratings.scores, expected, atol=1e-3)


@pytest.mark.parametrize("clustered", [False, True])
def test_style_control_covariance_is_the_textbook_sandwich(clustered: bool) -> None:
    votes, x = styled(700, 4, seed=3)
    voter = np.random.default_rng(0).integers(0, 50, 700) if clustered else np.arange(700)
    weight = np.random.default_rng(1).uniform(0.5, 2, 700)
    options = StyleOptions(covariance="clustered" if clustered else "sandwich")
    result = control(votes, x, weight=weight, voter=voter, options=options)
    z, share = design(votes, x), np.array([1, 0, 0.5])[votes.verdict]
    point = np.append((result.ratings.scores - 1000) / POINTS_PER_NAT, result.coefficients)
    p = 1 / (1 + np.exp(-z @ point))
    bread = np.linalg.pinv(z.T @ (z * (weight * p * (1 - p))[:, None]), rcond=1e-9)
    summed = np.zeros((voter.max() + 1, 6))
    np.add.at(summed, voter, z * (weight * (share - p))[:, None])
    scale = 1.0
    if clustered:  # a jackknife of voters, by Student's t
        share = np.bincount(voter, weight) / weight.sum()
        summed /= 1 - share[:, None]
        scale = 49 / 50 * (t.ppf(0.975, 1 / (share**2).sum() - 1) / norm.ppf(0.975)) ** 2
    expected = bread @ (summed.T @ summed) @ bread * scale
    np.testing.assert_allclose(result.covariance, expected[4:, 4:], rtol=1e-5)
    np.testing.assert_allclose(
        result.ratings.covariance, expected[:4, :4] * POINTS_PER_NAT**2, rtol=1e-5, atol=1e-3
    )


def test_style_control_without_effect_equals_bradley_terry() -> None:
    votes = simulate(5000, 6, seed=2)
    x = np.random.default_rng(5).normal(size=(5000, 1))
    # A covariate orthogonal to everything by symmetry: each vote once with x and once with -x.
    doubled = Votes(
        np.tile(votes.a, 2), np.tile(votes.b, 2), np.tile(votes.verdict, 2), votes.strengths
    )
    result = control(doubled, np.concatenate([x, -x]))
    assert result.coefficients[0] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(
        result.ratings.scores, bradley_terry(doubled.tallies()).scores, atol=1e-6
    )


def test_style_control_recovers_the_simulated_truth() -> None:
    votes, x = styled(60_000, 8, seed=4)
    result = control(votes, x)
    assert (result.lower < SLOPES).all()
    assert (result.upper > SLOPES).all()
    truth = votes.strengths * POINTS_PER_NAT + 1000
    assert (np.abs(result.ratings.scores - truth) < 25).all()
    assert (np.abs(bradley_terry(votes.tallies()).scores - truth)).max() > 5


@pytest.mark.parametrize("lead", [0.0, 2.0], ids=["mild", "nearly decisive"])
def test_style_control_starting_from_a_sample_changes_nothing(
    lead: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    votes, x = styled(40_000, 6, seed=6)
    x[:, 0] += lead * np.array([1, -1, 0, 0])[votes.verdict]
    directly = control(votes, x)
    monkeypatch.setattr(covariate_newton, "FIRST_SAMPLE", 5_000)
    from_sample = control(votes, x)
    assert from_sample.ratings.iterations < directly.ratings.iterations
    np.testing.assert_allclose(from_sample.coefficients, directly.coefficients, atol=1e-9)
    np.testing.assert_allclose(from_sample.ratings.scores, directly.ratings.scores, atol=1e-6)


def test_style_control_is_within_a_millionth_of_a_point_of_the_optimum() -> None:
    votes, x = styled(250_000, 6, seed=6)  # enough to start from a sample
    result = control(votes, x)
    z, share = design(votes, x), np.array([1, 0, 0.5])[votes.verdict]
    point = np.append((result.ratings.scores - 1000) / POINTS_PER_NAT, result.coefficients)
    p = 1 / (1 + np.exp(-z @ point))
    left = np.linalg.pinv(z.T @ (z * (p * (1 - p))[:, None]), rcond=1e-9) @ (z.T @ (share - p))
    assert np.abs(left[:6]).max() * POINTS_PER_NAT < 1e-6
    assert np.abs(left[6:]).max() < 1e-8


def test_style_control_swapped_sides_give_the_same_scores() -> None:
    votes, x = styled(4000, 5, seed=7)
    swapped = Votes(votes.b, votes.a, np.array([1, 0, 2, 3])[votes.verdict], votes.strengths)
    there, back = control(votes, x), control(swapped, -x)
    np.testing.assert_allclose(there.ratings.scores, back.ratings.scores, atol=1e-6)
    np.testing.assert_allclose(there.coefficients, back.coefficients, atol=1e-9)


def test_style_control_side_is_a_covariate() -> None:
    votes = simulate(30_000, 5, seed=8)
    rng = np.random.default_rng(0)
    gap = votes.strengths[votes.a] - votes.strengths[votes.b] + 0.3
    biased = Votes(votes.a, votes.b, davidson_verdicts(rng, gap, 0.0), votes.strengths)
    result = control(biased, np.ones((30_000, 1)), options=StyleOptions(names=("left side",)))
    assert result.names == ("left side",)
    assert result.lower[0] < 0.3 < result.upper[0]


def test_style_control_leaves_out_models_that_cannot_be_rated() -> None:
    votes, x = styled(2000, 4, seed=9)
    a, b = np.append(votes.a, 4), np.append(votes.b, 0)
    verdict = np.append(votes.verdict, 0)
    result = style_control(a, b, verdict, np.concatenate([x, [[9.0, 9.0]]]), 6)
    expected = control(votes, x)
    np.testing.assert_allclose(result.ratings.scores[:4], expected.ratings.scores)
    assert np.isnan(result.ratings.scores[4:]).all()
    assert result.ratings.lower[4] > -np.inf


@pytest.mark.parametrize("covariance", ["sandwich", "clustered"])
def test_style_control_newcomer_with_one_tie_is_as_uncertain_as_without(
    covariance: StyleCovariance,
) -> None:
    rng = np.random.default_rng(5)
    a, b = np.append(np.zeros(400, int), 0), np.append(np.ones(400, int), 2)
    verdict = np.append(rng.integers(0, 3, 400), 2)  # the newcomer's only vote is a tie
    style, voter = rng.normal(size=(401, 1)), np.arange(401)
    tallies = Tallies.from_votes(a, b, verdict, 3, voter=voter)
    plain = sd_of_gap(bradley_terry(tallies, covariance=covariance))
    options = StyleOptions(covariance=covariance)
    styled = style_control(a, b, verdict, style, 3, voter=voter, options=options)
    assert sd_of_gap(styled.ratings) == pytest.approx(plain, rel=0.1)


def sd_of_gap(ratings: Ratings) -> float:
    """Of the gap between the first model and the newcomer."""
    spread = ratings.covariance
    return float(np.sqrt(spread[0, 0] + spread[2, 2] - 2 * spread[0, 2]))


@pytest.mark.parametrize(
    "dependent",
    [np.zeros(500), np.arange(500) % 7],
    ids=["never varies", "repeats another"],
)
def test_style_control_dependent_covariate_is_named(dependent: Array) -> None:
    votes = simulate(500, 3, seed=1)
    x = np.column_stack([np.arange(500) % 7, dependent])
    with pytest.raises(NotEnoughDataError, match="'echo' never varies or follows"):
        control(votes, x, options=StyleOptions(names=("length", "echo")))


def test_style_control_covariate_that_decides_every_vote_raises() -> None:
    votes = simulate(500, 3, seed=1, ties=0.0)
    with pytest.raises(ConvergenceError, match="decide every vote"):
        control(votes, np.where(votes.verdict == 0, 1.0, -1.0)[:, None])


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.ones((9, 1)), StyleOptions(), "shape"),
        (np.ones(10), StyleOptions(), "shape"),
        (np.where(np.arange(10) == 3, np.nan, 1.0)[:, None], StyleOptions(), "Row 3: .*'x0' nan"),
        (np.ones((10, 1)), StyleOptions(ridge=-1), "ridge"),
        (np.ones((10, 1)), StyleOptions(names=("p", "q")), "2 names for 1"),
    ],
)
def test_style_control_bad_covariates_are_refused(
    x: Array, options: StyleOptions, message: str
) -> None:
    with pytest.raises(BadVotesError, match=message):
        style_control([0, 1] * 5, [1, 0] * 5, [0] * 10, x, 2, options=options)


def test_style_control_clustered_needs_voters() -> None:
    votes, x = styled(500, 3)
    with pytest.raises(NotEnoughDataError, match="voter"):
        control(votes, x, options=StyleOptions(covariance="clustered"))


def test_count_style_counts_markdown() -> None:
    text = "# Title\n\nSome **bold** and __more__ words\n\n- one\n* two\n3. three\n## Sub\n"
    assert count_style(text) == (len(text.split()), 2, 3, 2)


def test_count_style_ignores_code_blocks() -> None:
    closed = "text\n```\n# no header\n- no item\n**no**\n```\n# header\n"
    assert count_style(closed)[1:] == (1, 0, 0)
    assert count_style("text\n```\n# never closed\n")[1:] == (0, 0, 0)


def test_count_style_of_nothing_is_zero() -> None:
    assert count_style("") == (0, 0, 0, 0)
    assert style_counts([]).shape == (0, 4)


def test_relative_differences_are_antisymmetric_and_scaled() -> None:
    left, right = np.array([[3.0, 0], [1, 0], [2, 5]]), np.array([[1.0, 0], [3, 0], [2, 5]])
    there = relative_differences(left, right)
    np.testing.assert_allclose(there, -relative_differences(right, left))
    np.testing.assert_allclose((there[:, 0] ** 2).mean(), 1.0)
    assert there[2, 0] == 0
    assert (there[:, 1] == 0).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_relative_differences_bad_value_is_named(bad: float) -> None:
    with pytest.raises(BadVotesError, match="Row 1: 'right'"):
        relative_differences([[1.0], [1.0]], [[1.0], [bad]])
