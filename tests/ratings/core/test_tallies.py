from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ratings.core import (
    BadVotesError,
    NotEnoughDataError,
    Status,
    Tallies,
    Verdict,
    bradley_terry,
)
from ratings.core.data import cells as cells_module
from tests.ratings.core.shapes import simulate


def test_from_votes_folds_sides() -> None:
    tallies = Tallies.from_votes([0, 1, 1, 0, 2], [1, 0, 0, 1, 0], [0, 0, 1, 2, 3], 3)
    np.testing.assert_array_equal(tallies.pairs, [[0, 1], [0, 2]])
    np.testing.assert_array_equal(tallies.counts, [[2, 1, 1, 0], [0, 0, 0, 1]])


def test_from_votes_agrees_with_counting_one_by_one() -> None:
    votes = simulate(3000, 7, seed=3)
    expected: dict[tuple[int, int], list[int]] = {}
    for a, b, verdict in zip(votes.a, votes.b, votes.verdict, strict=True):
        row = expected.setdefault((min(a, b), max(a, b)), [0, 0, 0, 0])
        row[1 - verdict if a > b and verdict < 2 else verdict] += 1
    tallies = votes.tallies()
    assert {tuple(p) for p in tallies.pairs.tolist()} == set(expected)
    for pair, counts in zip(tallies.pairs.tolist(), tallies.counts.tolist(), strict=True):
        assert counts == expected[tuple(pair)]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64, np.float64])
def test_from_votes_takes_any_integer_width(dtype: type) -> None:
    votes = simulate(500, 100, seed=1)
    columns: list[NDArray[Any]] = [c.astype(dtype) for c in (votes.a, votes.b, votes.verdict)]
    narrow = Tallies.from_votes(columns[0], columns[1], columns[2], 100)
    np.testing.assert_array_equal(narrow.counts, votes.tallies().counts)


def test_from_votes_dense_and_sorted_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = simulate(2000, 12, seed=5)
    weight = np.random.default_rng(0).random(2000)
    dense = votes.tallies(weight=weight)
    monkeypatch.setattr(cells_module, "MAX_DENSE_CELLS", 0)
    by_sorting = votes.tallies(weight=weight)
    for name in ("pairs", "counts", "weights", "squares"):
        np.testing.assert_allclose(getattr(dense, name), getattr(by_sorting, name))


def test_from_votes_pair_keys_do_not_overflow_32_bits() -> None:
    n = 100_000
    a, b = np.array([n - 1, n - 2], np.int32), np.array([n - 2, n - 1], np.int32)
    tallies = Tallies.from_votes(a, b, np.array([0, 0], np.int8), n)
    np.testing.assert_array_equal(tallies.pairs, [[n - 2, n - 1]])
    np.testing.assert_array_equal(tallies.counts, [[1, 1, 0, 0]])


@pytest.mark.parametrize(
    ("a", "b", "verdict", "message"),
    [
        ([0, 1], [1, 1], [0, 0], "Row 1: 'a' 1 is compared with itself"),
        ([0, 3], [1, 1], [0, 0], "Row 1: 'a' 3 is not a model index below 3"),
        ([0, 1], [1, -1], [0, 0], "Row 1: 'b' -1 is not a model index below 3"),
        ([0, 1], [1, 0], [0, 4], "Row 1: 'verdict' 4 is not one of"),
        ([0.0, np.nan], [1, 0], [0, 0], "Row 1: 'a' nan is not an integer"),
        ([0.0, 0.5], [1, 0], [0, 0], "Row 1: 'a' 0.5 is not an integer"),
        ([0, 1], [1, 0], [0], "differ in length"),
        (["x"], ["y"], [0], "'a' must hold integers"),
        ([[0]], [[1]], [[0]], "'a' must have one dimension"),
    ],
)
def test_from_votes_bad_row_is_named(a: Any, b: Any, verdict: Any, message: str) -> None:
    with pytest.raises(BadVotesError, match=message):
        Tallies.from_votes(a, b, verdict, 3)


@pytest.mark.parametrize("weight", [[1, -1], [1, np.nan], [1, np.inf]])
def test_from_votes_bad_weight_is_named(weight: list[float]) -> None:
    with pytest.raises(BadVotesError, match="Row 1: 'weight'"):
        Tallies.from_votes([0, 1], [1, 0], [0, 0], 2, weight=weight)


def test_from_votes_negative_voter_is_named() -> None:
    with pytest.raises(BadVotesError, match="Row 1: 'voter' -7 is negative"):
        Tallies.from_votes([0, 1], [1, 0], [0, 0], 2, voter=[3, -7])


@pytest.mark.parametrize(("n_votes", "n_models"), [(0, 2), (1, 1), (1, 0)])
def test_from_votes_too_little_is_not_enough_data(n_votes: int, n_models: int) -> None:
    with pytest.raises(NotEnoughDataError):
        Tallies.from_votes([0] * n_votes, [1] * n_votes, [0] * n_votes, n_models)


def test_from_votes_too_many_models_is_refused() -> None:
    with pytest.raises(BadVotesError, match="overflow the pair keys"):
        Tallies.from_votes([0], [1], [0], 2_000_000_000)


@pytest.mark.parametrize("n_models", ["2", 2.0, None])
def test_from_votes_number_of_models_has_to_be_an_integer(n_models: Any) -> None:
    with pytest.raises(BadVotesError, match=r"n_models=.* is not an integer"):
        Tallies.from_votes([0], [1], [0], n_models)


@pytest.mark.parametrize("index", [2**70, None, "x"])
def test_from_votes_index_beyond_64_bits_is_named(index: Any) -> None:
    with pytest.raises(BadVotesError, match=r"Row 1: 'a' .* is not a 64-bit integer") as error:
        Tallies.from_votes(np.array([0, index], dtype=object), [1, 0], [0, 0], 2)
    assert error.value.row == 1


def test_from_counts_adds_mirrored_and_repeated_pairs() -> None:
    tallies = Tallies.from_counts(
        [[2, 0], [0, 2], [0, 2], [1, 2]], [[1, 2, 3, 4], [5, 0, 0, 0], [1, 1, 1, 1], [0] * 4], 3
    )
    np.testing.assert_array_equal(tallies.pairs, [[0, 2]])
    np.testing.assert_array_equal(tallies.counts, [[2 + 5 + 1, 1 + 1, 4, 5]])


@pytest.mark.parametrize(
    ("pairs", "counts", "message"),
    [
        ([[0, 0]], [[1, 0, 0, 0]], "compared with itself"),
        ([[0, 9]], [[1, 0, 0, 0]], "Row 0: 'b' 9"),
        ([[0, 1]], [[1, 0, 0, -1]], "Row 0: 'counts'"),
        ([[0, 1]], [[1, 0, 0, np.nan]], "Row 0: 'counts'"),
        ([[0, 1]], [[1, 0, 0]], "shape"),
        ([[0, 1, 2]], [[1, 0, 0, 0]], "shape"),
        ([[0, 1], [1, 2]], [[1, 0, 0, 0], [1, "many", 0, 0]], "Row 1: 'counts'"),
        ([[0, 1], [0]], [[1, 0, 0, 0]], "'pairs' has rows of different length"),
    ],
)
def test_from_counts_bad_input_is_named(pairs: Any, counts: Any, message: str) -> None:
    with pytest.raises(BadVotesError, match=message):
        Tallies.from_counts(pairs, counts, 3)


@pytest.mark.parametrize("pairs", [[], [[0, 1]]])
def test_from_counts_without_votes_is_not_enough_data(pairs: Any) -> None:
    with pytest.raises(NotEnoughDataError, match="no votes"):
        Tallies.from_counts(pairs, np.zeros((len(pairs), 4)), 3)


def test_win_rate_counts_half_of_ties_and_both_bad() -> None:
    tallies = Tallies.from_counts([[0, 1]], [[3, 1, 2, 4]], 3)
    np.testing.assert_allclose(tallies.win_rate, [0.6, 0.4, np.nan])
    np.testing.assert_array_equal(tallies.votes, [10, 10, 0])


def test_weights_are_summed_beside_counts() -> None:
    tallies = Tallies.from_votes([0, 1], [1, 0], [0, 1], 2, weight=[2.0, 3.0])
    np.testing.assert_array_equal(tallies.counts, [[2, 0, 0, 0]])
    np.testing.assert_array_equal(tallies.weights, [[5, 0, 0, 0]])
    np.testing.assert_array_equal(tallies.squares, [[13, 0, 0, 0]])


def test_voter_tallies_sum_to_the_tallies() -> None:
    votes = simulate(1000, 6, seed=2)
    voter = np.random.default_rng(1).integers(0, 30, 1000)
    tallies = votes.tallies(voter=voter)
    assert tallies.voters is not None
    total = np.zeros_like(tallies.counts)
    np.add.at(total, tallies.voters.pair, tallies.voters.weights)
    np.testing.assert_array_equal(total, tallies.counts)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(40)))
def test_from_votes_order_does_not_matter(order: list[int]) -> None:
    votes = simulate(40, 5, seed=9)
    shuffled = Tallies.from_votes(votes.a[order], votes.b[order], votes.verdict[order], 5)
    np.testing.assert_array_equal(shuffled.counts, votes.tallies().counts)


def test_from_votes_swapped_sides_give_the_same_tallies() -> None:
    votes = simulate(500, 5, seed=4)
    mirror = np.array([Verdict.B, Verdict.A, Verdict.TIE, Verdict.BOTH_BAD])
    swapped = Tallies.from_votes(votes.b, votes.a, mirror[votes.verdict], 5)
    np.testing.assert_array_equal(swapped.counts, votes.tallies().counts)


def test_by_slice_equals_the_votes_of_each_slice() -> None:
    votes = simulate(2000, 6, seed=8)
    rng = np.random.default_rng(0)
    part, weight, voter = rng.choice([0, 1, 3], 2000), rng.random(2000), rng.integers(0, 9, 2000)
    slices = Tallies.by_slice(part, votes.a, votes.b, votes.verdict, 6, weight=weight, voter=voter)
    assert [tallies.n_votes for tallies in slices] == [(part == i).sum() for i in range(4)]
    mine = part == 3
    alone = Tallies.from_votes(
        votes.a[mine], votes.b[mine], votes.verdict[mine], 6, weight[mine], voter[mine]
    )
    for name in ("pairs", "counts", "weights", "squares"):
        np.testing.assert_allclose(getattr(slices[3], name), getattr(alone, name))
    kinds: list[Any] = ["sandwich", "clustered"]
    for kind in kinds:
        np.testing.assert_allclose(
            bradley_terry(slices[3], covariance=kind).upper,
            bradley_terry(alone, covariance=kind).upper,
        )


def test_by_slice_without_votes_is_an_empty_board() -> None:
    empty = Tallies.by_slice([1], [0], [1], [0], 2)[0]
    assert bradley_terry(empty).status.tolist() == [Status.NO_VOTES, Status.NO_VOTES]


@pytest.mark.parametrize(
    ("slices", "a", "message"),
    [
        ([0, -1], [0, 0], "Row 1: 'slices' -1"),
        ([0, 0], [0, 2], "Row 1: 'a' 2"),
        ([0], [0, 0], "length"),
    ],
)
def test_by_slice_bad_row_is_named(slices: list[int], a: list[int], message: str) -> None:
    with pytest.raises(BadVotesError, match=message):
        Tallies.by_slice(slices, a, [1, 1], [0, 0], 2)
