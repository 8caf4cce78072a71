import numpy as np
import pytest
from scipy.stats import norm, t

from ratings.core import NotEnoughDataError, Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.fit.refit import refit_exactly, refit_half_wins
from ratings.core.methods.bootstrap import bootstrap
from ratings.core.methods.ratings import TieReading
from ratings.core.uncertainty.threads import use_threads
from tests.ratings.core.shapes import Array, simulate


def dense_sandwich(votes: Array, scores: Array, groups: Array | None = None) -> Array:
    """The textbook sandwich on the full (N, n) design matrix; of groups, by the jackknife for
    groups that are alike but for their size, widened from normal quantiles to Student's."""
    a, b, verdict = votes
    design = np.zeros((len(a), len(scores)))
    design[np.arange(len(a)), a] += 1
    design[np.arange(len(a)), b] -= 1
    p = 1 / (1 + np.exp(-design @ (scores / POINTS_PER_NAT)))
    residual = np.array([1, 0, 0.5, 0.5])[verdict] - p
    bread = np.linalg.pinv(design.T @ (design * (p * (1 - p))[:, None]), rcond=1e-9)
    pushes, scale = design * residual[:, None], POINTS_PER_NAT**2
    if groups is not None:
        sizes = [np.count_nonzero(groups == one) for one in np.unique(groups)]
        rest = [1 - size / len(a) for size in sizes]
        pushes = np.array(
            [
                pushes[groups == one].sum(axis=0) / r
                for one, r in zip(np.unique(groups), rest, strict=True)
            ]
        )
        effective = len(a) ** 2 / sum(size**2 for size in sizes)
        scale *= (1 - 1 / len(sizes)) * (t.ppf(0.975, effective - 1) / norm.ppf(0.975)) ** 2
    result: Array = bread @ (pushes.T @ pushes) @ bread * scale
    return result


def test_sandwich_equals_the_textbook_formula() -> None:
    votes = simulate(800, 5, seed=1)
    result = bradley_terry(votes.tallies())
    columns = np.stack([votes.a, votes.b, votes.verdict])
    expected = dense_sandwich(columns, result.scores)
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-6, atol=1e-6)


def test_clustered_equals_the_textbook_formula() -> None:
    votes = simulate(800, 5, seed=2)
    voter = np.random.default_rng(0).geometric(0.1, 800)  # a few cast much of all
    result = bradley_terry(votes.tallies(voter=voter), covariance="clustered")
    columns = np.stack([votes.a, votes.b, votes.verdict])
    expected = dense_sandwich(columns, result.scores, voter)
    np.testing.assert_allclose(result.covariance, expected, rtol=1e-6, atol=1e-6)


def by_t(voters: int) -> float:
    """What so many equally active voters add to the variance."""
    return float(voters / (voters - 1) * (t.ppf(0.975, voters - 1) / norm.ppf(0.975)) ** 2)


def test_clustered_is_nearly_the_jackknife_of_voters() -> None:
    # Forty voters who each repeat themselves, the first of them with a quarter of all votes.
    votes = simulate(40, 4, seed=13)
    times = np.array([100] + [8] * 39)
    a, b, verdict = (np.repeat(column, times) for column in (votes.a, votes.b, votes.verdict))
    voter = np.repeat(np.arange(40), times)
    result = bradley_terry(
        Tallies.from_votes(a, b, verdict, 4, voter=voter), covariance="clustered"
    )
    without = []
    for one in range(40):
        kept = voter != one
        rest = Tallies.from_votes(a[kept], b[kept], verdict[kept], 4)
        without.append(bradley_terry(rest).scores)
    spread = np.sqrt(39 / 40 * ((np.array(without) - result.scores) ** 2).sum(axis=0))
    assert result.clustering is not None
    wide = t.ppf(0.975, result.clustering.effective - 1)
    assert result.clustering.effective == pytest.approx(412**2 / (100**2 + 39 * 64))
    np.testing.assert_allclose(result.upper - result.scores, wide * spread, rtol=0.25)


@pytest.mark.parametrize("ties", ["half", "davidson"])
def test_clustered_with_a_voter_per_vote_is_nearly_the_sandwich(ties: TieReading) -> None:
    votes = simulate(3000, 6, seed=3)
    tallies = votes.tallies(voter=np.arange(3000))
    clustered = bradley_terry(tallies, ties=ties, covariance="clustered")
    sandwich = bradley_terry(tallies, ties=ties)
    np.testing.assert_allclose(
        clustered.covariance, sandwich.covariance * by_t(3000), rtol=1e-6, atol=1e-9
    )


def test_clustered_sees_voters_who_repeat_themselves() -> None:
    # Every voter gives the same verdict ten times: the effective number of votes is a tenth.
    votes = simulate(400, 5, seed=4)
    voter = np.repeat(np.arange(400), 10)
    repeated = [np.repeat(column, 10) for column in (votes.a, votes.b, votes.verdict)]
    tallies = Tallies.from_votes(repeated[0], repeated[1], repeated[2], 5, voter=voter)
    plain, clustered = bradley_terry(tallies), bradley_terry(tallies, covariance="clustered")
    np.testing.assert_allclose(
        clustered.covariance, plain.covariance * 10 * by_t(400), rtol=1e-6, atol=1e-9
    )


def test_clustered_votes_that_cancel_leave_ranks_defined() -> None:
    # Each voter gives both models of a pair one win, so the clustered variance is zero.
    a, b = [0, 0, 0, 0, 1, 1], [1, 1, 2, 2, 2, 2]
    tallies = Tallies.from_votes(a, b, [0, 1] * 3, 3, voter=[0, 0, 1, 1, 2, 2])
    result = bradley_terry(tallies, covariance="clustered")
    np.testing.assert_allclose(result.scores, 1000)
    assert (result.rank_low <= result.rank_high).all()


def test_clustered_needs_voters() -> None:
    tallies = simulate(100, 3, seed=5).tallies()
    with pytest.raises(NotEnoughDataError, match="voter="):
        bradley_terry(tallies, covariance="clustered")
    alone = simulate(100, 3, seed=5).tallies(voter=np.zeros(100, dtype=int))
    with pytest.raises(NotEnoughDataError, match="at least two voters"):
        bradley_terry(alone, covariance="clustered")


def test_weights_of_two_equal_votes_cast_twice_but_not_in_the_variance() -> None:
    votes = simulate(500, 4, seed=6)
    heavy = bradley_terry(votes.tallies(weight=np.full(500, 2.0)))
    plain = bradley_terry(votes.tallies())
    np.testing.assert_allclose(heavy.scores, plain.scores)
    # A weight is not an extra vote: the information is the same.
    np.testing.assert_allclose(heavy.covariance, plain.covariance, rtol=1e-9, atol=1e-9)


def test_balanced_gives_frequent_pairs_no_more_say() -> None:
    pairs = [[0, 1], [0, 2], [1, 2]]
    counts = np.array([[600, 400, 0, 0], [70, 30, 0, 0], [40, 60, 0, 0]])
    even = Tallies.from_counts(pairs, counts / counts.sum(axis=1, keepdims=True) * 100, 3)
    balanced = bradley_terry(Tallies.from_counts(pairs, counts, 3).balanced())
    np.testing.assert_allclose(balanced.scores, bradley_terry(even).scores, atol=1e-6)


def test_balanced_does_not_blow_up_rare_pairs() -> None:
    tallies = Tallies.from_counts([[0, 1], [0, 2]], [[100, 100, 0, 0], [1, 1, 0, 0]], 3)
    weight = tallies.balanced(floor=50).weights.sum(axis=1) / tallies.counts.sum(axis=1)
    assert weight[1] / weight[0] == pytest.approx(200 / 50)
    assert tallies.balanced().weights.sum() == pytest.approx(202)


def test_bootstrap_agrees_with_the_sandwich() -> None:
    tallies = simulate(20_000, 10, seed=7).tallies()
    drawn, sandwich = bootstrap(tallies, rounds=2000), bradley_terry(tallies)
    ratio = drawn.draws.std(axis=0) / np.sqrt(np.diag(sandwich.covariance))
    np.testing.assert_allclose(ratio, 1.0, atol=0.08)
    np.testing.assert_allclose(drawn.draws.mean(axis=0), sandwich.scores, atol=1.0)
    np.testing.assert_allclose(drawn.ratings.lower, sandwich.lower, atol=3.0)
    np.testing.assert_allclose(drawn.ratings.upper, sandwich.upper, atol=3.0)
    np.testing.assert_array_equal(drawn.ratings.scores, sandwich.scores)


def test_bootstrap_davidson_agrees_with_the_sandwich() -> None:
    tallies = simulate(5_000, 5, seed=8).tallies()
    drawn = bootstrap(tallies, rounds=400, ties="davidson")
    sandwich = bradley_terry(tallies, ties="davidson")
    ratio = drawn.draws.std(axis=0) / np.sqrt(np.diag(sandwich.covariance))
    np.testing.assert_allclose(ratio, 1.0, atol=0.15)


def test_bootstrap_by_voter_agrees_with_clustering() -> None:
    votes = simulate(300, 5, seed=9)
    voter = np.repeat(np.arange(300), 10)
    repeated = [np.repeat(column, 10) for column in (votes.a, votes.b, votes.verdict)]
    tallies = Tallies.from_votes(repeated[0], repeated[1], repeated[2], 5, voter=voter)
    drawn = bootstrap(tallies, rounds=2000, unit="voter")
    clustered = bradley_terry(tallies, covariance="clustered")
    ratio = drawn.draws.std(axis=0) / np.sqrt(np.diag(clustered.covariance))
    np.testing.assert_allclose(ratio, 1.0, atol=0.15)


def test_bootstrap_each_round_is_the_exact_optimum() -> None:
    votes = simulate(2000, 6, seed=10)
    tallies = votes.tallies()
    rng = np.random.default_rng(0)
    counts = np.stack([tallies.counts[:, :3].T] * 20, axis=2) + rng.poisson(2, (3, 15, 20))
    centre = bradley_terry(tallies).scores / POINTS_PER_NAT
    fast = refit_half_wins(tallies.pairs, counts.astype(np.float32), centre, "half")
    exact = refit_exactly(tallies.pairs, counts, centre, "half")
    np.testing.assert_allclose(fast, exact, atol=2e-5)


def test_bootstrap_round_without_a_loss_is_infinite_not_huge() -> None:
    # One loss in thirty: it is missing from about a third of the resamples.
    tallies = Tallies.from_counts([[0, 1]], [[29, 1, 0, 0]], 2)
    drawn = bootstrap(tallies, rounds=500, seed=3)
    unbeaten = np.isinf(drawn.draws[:, 0]).mean()
    assert unbeaten == pytest.approx((29 / 30) ** 30, abs=0.07)
    assert drawn.ratings.upper[0] == np.inf
    assert np.isfinite(drawn.ratings.lower[0])
    assert np.abs(drawn.draws[np.isfinite(drawn.draws)]).max() < 3000


@pytest.mark.parametrize("votes", [8_000, 30_000, 3_000_000])
def test_bootstrap_of_large_counts_does_not_overflow(votes: int) -> None:
    pairs, shares = [[0, 1], [1, 2], [0, 2]], np.array([[3, 2, 4, 0], [3, 3, 3, 0], [4, 2, 3, 0]])
    tallies = Tallies.from_counts(pairs, shares * votes, 3)
    drawn, sandwich = bootstrap(tallies, rounds=1000), bradley_terry(tallies)
    ratio = drawn.draws.std(axis=0) / np.sqrt(np.diag(sandwich.covariance))
    np.testing.assert_allclose(ratio, 1.0, atol=0.1)


def test_bootstrap_of_weighted_votes_has_the_weighted_centre() -> None:
    votes = simulate(4000, 5, seed=12)
    weight = np.where(votes.a < votes.b, 3.0, 1.0)
    tallies = votes.tallies(weight=weight)
    drawn = bootstrap(tallies, rounds=500)
    np.testing.assert_allclose(drawn.draws.mean(axis=0), bradley_terry(tallies).scores, atol=2.0)


def test_bootstrap_same_seed_same_draws() -> None:
    tallies = simulate(500, 4, seed=11).tallies()
    once, again = bootstrap(tallies, rounds=50, seed=1), bootstrap(tallies, rounds=50, seed=1)
    other = bootstrap(tallies, rounds=50, seed=2)
    np.testing.assert_array_equal(once.draws, again.draws)
    assert (once.draws != other.draws).any()


def test_bootstrap_is_the_same_to_the_last_bit_on_any_threads() -> None:
    tallies = simulate(5_000, 5, seed=1).tallies()
    with use_threads(1):
        alone = bootstrap(tallies, rounds=400, seed=3)
    with use_threads(3):
        together = bootstrap(tallies, rounds=400, seed=3)
    np.testing.assert_array_equal(together.draws, alone.draws)
    assert len(np.unique(together.draws[:, 0])) > 390  # every block of rounds has draws of its own


def test_bootstrap_of_nobody_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughDataError, match="nothing to resample"):
        bootstrap(Tallies.from_votes([0], [1], [0], 2))


def test_bootstrap_whose_rounds_never_join_the_models_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def apart(pairs: Array, outcomes: Array, centre: Array, ties: str) -> Array:
        return np.full((outcomes.shape[2], len(centre)), np.nan)

    monkeypatch.setattr("ratings.core.methods.bootstrap.refit_half_wins", apart)
    with pytest.raises(NotEnoughDataError, match="too few votes to resample"):
        bootstrap(simulate(60, 5, seed=1).tallies(), rounds=20)
