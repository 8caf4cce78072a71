from itertools import product

import numpy as np
import pytest

from ratings.core import RatingsError, Status, Tallies, bradley_terry
from ratings.core.questions.fragility import fragility
from tests.ratings.core.shapes import simulate


def swaps(tallies: Tallies, dropped: np.ndarray, above: int, below: int) -> bool:
    """Whether rating the remaining votes from scratch swaps the two."""
    left = tallies.counts.copy()
    row = {tuple(pair): i for i, pair in enumerate(tallies.pairs.tolist())}
    for first, second, verdict, votes in dropped.tolist():
        left[row[first, second], verdict] -= votes
    assert (left >= 0).all()
    result = bradley_terry(Tallies.from_counts(tallies.pairs, left, tallies.n_models))
    return bool(
        (result.status[[above, below]] == Status.RATED).all()
        and result.scores[above] < result.scores[below]
    )


def fewest_by_trying_everything(tallies: Tallies, above: int, below: int) -> int:
    cells = [(i, v) for i in range(len(tallies.pairs)) for v in range(3) if tallies.counts[i, v]]
    ranges = [range(int(tallies.counts[cell]) + 1) for cell in cells]
    ways = sorted(product(*ranges), key=sum)
    for way in ways:
        drop = [
            [*tallies.pairs[pair], verdict, votes]
            for (pair, verdict), votes in zip(cells, way, strict=True)
        ]
        if swaps(tallies, np.array(drop), above, below):
            return sum(way)
    raise AssertionError("no way")


def test_fragility_two_models_needs_the_lead_plus_one() -> None:
    result = fragility(Tallies.from_counts([[0, 1]], [[10, 7, 4, 0]], 2))
    assert result.votes.tolist() == [4]
    assert result.dropped[0].tolist() == [[0, 1, 0, 4]]
    assert result.share[0] == pytest.approx(4 / 21)


@pytest.mark.parametrize("seed", range(4))
def test_fragility_is_minimal_on_small_arenas(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(1, 4, (3, 4)) * [1, 1, 1, 0]
    tallies = Tallies.from_counts([[0, 1], [0, 2], [1, 2]], counts, 3)
    result = fragility(tallies)
    for above, below, votes in zip(result.above, result.below, result.votes, strict=True):
        assert votes == fewest_by_trying_everything(tallies, int(above), int(below))


def test_fragility_every_count_is_checked_by_refit() -> None:
    tallies = simulate(4000, 8, seed=1).tallies()
    result = fragility(tallies)
    assert len(result.votes) == 7
    for above, below, votes, dropped in zip(
        result.above, result.below, result.votes, result.dropped, strict=True
    ):
        assert dropped[:, 3].sum() == votes
        assert swaps(tallies, dropped, int(above), int(below))


def test_fragility_grows_with_the_votes_when_the_scores_stay() -> None:
    tallies = simulate(2000, 5, seed=2).tallies()
    tenfold = Tallies.from_counts(tallies.pairs, tallies.counts * 10, 5)
    once, ten = fragility(tallies), fragility(tenfold)
    np.testing.assert_allclose(ten.votes / once.votes, 10, rtol=0.5)


def test_fragility_that_would_cut_a_model_off_is_infinite() -> None:
    # Model 1 has one win and one loss: dropping a vote disconnects it or does nothing.
    tallies = Tallies.from_counts([[0, 1]], [[1, 1, 0, 0]], 2)
    assert fragility(tallies).votes.tolist() == [np.inf]
    assert fragility(tallies).dropped[0].shape == (0, 4)


def test_fragility_passes_over_votes_that_would_cut_a_model_off() -> None:
    # Each of these arenas has 14 votes, some of which keep both the lead and the arena connected.
    for seed in (3, 30):
        rng = np.random.default_rng(seed)
        a = rng.integers(0, 3, 14)
        b = (a + 1 + rng.integers(0, 2, 14)) % 3
        tallies = Tallies.from_votes(a, b, rng.choice([0, 0, 1, 2], 14), 3)
        result = fragility(tallies)
        for above, below, votes in zip(result.above, result.below, result.votes, strict=True):
            assert votes == fewest_by_trying_everything(tallies, int(above), int(below))


def test_fragility_of_the_top_only() -> None:
    tallies = simulate(2000, 6, seed=3).tallies()
    np.testing.assert_array_equal(fragility(tallies, top=2).votes, fragility(tallies).votes[:2])


def test_fragility_of_nobody_is_empty() -> None:
    assert len(fragility(Tallies.from_votes([0], [1], [0], 2)).votes) == 0


def test_fragility_of_weighted_votes_is_refused() -> None:
    with pytest.raises(RatingsError, match="unweighted"):
        fragility(Tallies.from_votes([0, 1], [1, 0], [0, 0], 2, weight=[1, 2]))
