import numpy as np
import pytest

from ratings.core import BadVotesError, NotEnoughDataError, Tallies, bradley_terry
from ratings.core.data.weights import decay_weights, importance_weights
from ratings.core.questions.quality import quality_floor
from tests.ratings.core.shapes import davidson_verdicts, simulate


def test_importance_weights_undo_uneven_drawing() -> None:
    # Model 0 beats 1 by 1 nat, 1 beats 2 by 1, but 2 beats 0: no scores fit exactly, so the result
    # depends on how often each pair was drawn, unless the weights correct for it.
    rng = np.random.default_rng(1)
    pairs = np.array([[0, 1], [1, 2], [0, 2]])
    gap = np.array([1.0, 1.0, -0.5])

    def arena(share: list[float], weighted: bool) -> np.ndarray:
        drawn = rng.choice(3, 200_000, p=share)
        verdict = davidson_verdicts(rng, gap[drawn], 0.2)
        weight = importance_weights(np.array(share)[drawn]) if weighted else None
        a, b = pairs[drawn].T
        return bradley_terry(Tallies.from_votes(a, b, verdict, 3, weight=weight)).scores

    even = arena([1 / 3] * 3, False)
    assert np.abs(arena([0.8, 0.1, 0.1], False) - even).max() > 20
    np.testing.assert_allclose(arena([0.8, 0.1, 0.1], True), even, atol=5)


def test_importance_weights_have_mean_one() -> None:
    weights = importance_weights([0.5, 0.25, 0.25])
    assert weights.mean() == pytest.approx(1.0)
    assert weights[1] / weights[0] == pytest.approx(2.0)


@pytest.mark.parametrize("probability", [[0.5, 0.0], [0.5, 1.5], [0.5, np.nan]])
def test_importance_weights_impossible_probability_is_named(probability: list[float]) -> None:
    with pytest.raises(BadVotesError, match="Row 1: 'probability'"):
        importance_weights(probability)


def test_importance_weights_of_nothing_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughDataError):
        importance_weights([])


def test_decay_weights_halve_per_half_life() -> None:
    np.testing.assert_allclose(decay_weights([0, 10, 20], 10), [0.25, 0.5, 1.0])
    np.testing.assert_allclose(decay_weights([0, 10], 10, now=30), [0.125, 0.25])


@pytest.mark.parametrize(
    ("when", "half_life", "now"), [([0, np.nan], 1, None), ([0, 5], 1, 4), ([0], 0, None)]
)
def test_decay_weights_bad_input_is_refused(
    when: list[float], half_life: float, now: float | None
) -> None:
    with pytest.raises(BadVotesError):
        decay_weights(when, half_life, now)


def test_quality_floor_shares_by_hand() -> None:
    tallies = Tallies.from_counts([[0, 1], [0, 2]], [[5, 3, 1, 1], [0, 0, 0, 10]], 4)
    floor = quality_floor(tallies)
    np.testing.assert_allclose(floor.share, [11 / 20, 1 / 10, 1.0, np.nan])
    assert floor.overall == pytest.approx(11 / 20)
    # Wilson's interval for 10 of 10.
    assert floor.lower[2] == pytest.approx(10 / (10 + 1.959963984540054**2))
    assert floor.upper[2] == pytest.approx(1.0)
    assert np.isnan(floor.lower[3])


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_unit_of_the_weights_does_not_matter(unit: float) -> None:
    votes = simulate(500, 5)
    expected = bradley_terry(votes.tallies())
    result = bradley_terry(votes.tallies(weight=np.full(500, unit)))
    np.testing.assert_allclose(result.scores, expected.scores)
    np.testing.assert_allclose(result.upper, expected.upper)


@pytest.mark.parametrize("weight", [1e308, 1e-200, "heavy"])
def test_weights_that_would_lose_their_squares_are_refused(weight: float) -> None:
    with pytest.raises(BadVotesError, match="Row 1: 'weight'"):
        Tallies.from_votes([0, 0], [1, 1], [0, 1], 2, weight=[1.0, weight])


def test_decay_weights_forget_after_thirty_half_lives() -> None:
    weights = decay_weights([0.0, 71.0, 100.0], 1)
    assert weights[0] == 0.0
    assert weights[1] == 2.0**-29
