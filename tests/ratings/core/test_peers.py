"""The same votes through other packages, each as precise as its stopping rule allows."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from ratings.core import Tallies, bradley_terry
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.fit.elo import elo
from ratings.core.questions.agreement import krippendorff_alpha
from tests.peers.child import rate_files
from tests.ratings.core.shapes import Array, Votes, simulate

evalica: Any = import_module("evalica")
choix: Any = import_module("choix")
linear_model: Any = import_module("sklearn.linear_model")

N_MODELS = 12


@pytest.fixture(scope="module")
def votes() -> Votes:
    return simulate(20_000, N_MODELS, seed=1)


def winners(votes: Votes) -> list[Any]:
    outcome = evalica.Winner
    names = [outcome.X, outcome.Y, outcome.Draw, outcome.Draw]
    return [names[verdict] for verdict in votes.verdict]


def on_our_scale(log_strengths: Array) -> Array:
    scores: Array = (log_strengths - log_strengths.mean()) * POINTS_PER_NAT + 1000
    return scores


def test_bradley_terry_equals_unpenalised_logistic_regression(votes: Votes) -> None:
    rows = np.arange(len(votes.a))
    design = np.zeros((len(rows), N_MODELS))
    design[rows, votes.a] += 1
    design[rows, votes.b] -= 1
    design = design[:, 1:]  # model 0 is the reference: without a penalty one is needed
    # A tie is one row won and one row lost, with half the weight each.
    share = np.array([1.0, 0.0, 0.5, 0.5])[votes.verdict]
    regression = linear_model.LogisticRegression(
        C=np.inf, fit_intercept=False, tol=1e-10, solver="newton-cholesky", max_iter=1000
    )
    regression.fit(
        np.concatenate([design, design]),
        np.repeat([1, 0], len(rows)),
        sample_weight=np.concatenate([share, 1 - share]),
    )
    expected = on_our_scale(np.append(0.0, regression.coef_[0]))
    np.testing.assert_allclose(bradley_terry(votes.tallies()).scores, expected, atol=1e-6)


def test_bradley_terry_equals_evalica(votes: Votes) -> None:
    result = evalica.bradley_terry(
        votes.a.tolist(), votes.b.tolist(), winners(votes), tolerance=1e-13, limit=100_000
    )
    expected = on_our_scale(np.log(result.scores.sort_index().to_numpy()))
    np.testing.assert_allclose(bradley_terry(votes.tallies()).scores, expected, atol=1e-6)


def test_bradley_terry_equals_choix_without_ties() -> None:
    votes = simulate(2_000, N_MODELS, seed=2, ties=0.0)
    won = np.where(votes.verdict == 0, votes.a, votes.b)
    lost = np.where(votes.verdict == 0, votes.b, votes.a)
    strengths = choix.opt_pairwise(N_MODELS, list(zip(won, lost, strict=True)), tol=1e-12)
    expected = on_our_scale(np.asarray(strengths))
    np.testing.assert_allclose(bradley_terry(votes.tallies()).scores, expected, atol=1e-3)


def test_bradley_terry_equals_arena_rank(votes: Votes, tmp_path: Path) -> None:
    names = np.array([f"model {i:02}" for i in range(N_MODELS)])
    winner = np.array(["model_a", "model_b", "tie", "both_bad"])[votes.verdict]
    columns = {"model_a": names[votes.a], "model_b": names[votes.b], "winner": winner}
    pandas.DataFrame(columns).to_csv(tmp_path / "votes.csv")
    (theirs,) = rate_files(tmp_path / "votes.csv")
    result = bradley_terry(votes.tallies())
    np.testing.assert_allclose(result.scores, [theirs.scores[m] for m in names], atol=1e-6)
    np.testing.assert_allclose(result.upper, [theirs.upper[m] for m in names], atol=1e-2)


def test_davidson_orders_models_like_evalicas_newman(votes: Votes) -> None:
    result = evalica.newman(votes.a.tolist(), votes.b.tolist(), winners(votes), limit=10_000)
    order = np.argsort(-result.scores.sort_index().to_numpy())
    np.testing.assert_array_equal(bradley_terry(votes.tallies(), ties="davidson").order, order)


def test_elo_equals_evalica(votes: Votes) -> None:
    result = evalica.elo(votes.a.tolist(), votes.b.tolist(), winners(votes))
    ours = elo(votes.a, votes.b, votes.verdict, N_MODELS)
    np.testing.assert_allclose(ours.scores, result.scores.sort_index().to_numpy(), atol=1e-6)


@pytest.mark.parametrize("distance", ["nominal", "ordinal", "interval"])
def test_krippendorff_alpha_equals_evalica(distance: Any) -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 200)
    judged = np.where(rng.random((4, 200)) < 0.6, truth, rng.integers(0, 3, (4, 200)))
    frame = pandas.DataFrame(judged)
    expected = evalica.alpha(frame, distance=distance).alpha
    item = np.tile(np.arange(200), 4)
    ours = krippendorff_alpha(item, judged.ravel(), distance=distance)
    assert ours.alpha == pytest.approx(expected)


def test_peers_rank_a_lopsided_arena_alike() -> None:
    # Few votes and large differences, where a loose stopping rule shows first.
    tallies = Tallies.from_counts(
        [[0, 1], [1, 2], [2, 3], [0, 3]],
        [[95, 5, 0, 0], [90, 10, 0, 0], [85, 15, 0, 0], [99, 1, 0, 0]],
        4,
    )
    comparisons = [
        (won, lost)
        for (a, b), counts in zip(tallies.pairs, tallies.counts.astype(int), strict=True)
        for won, lost, times in ((a, b, counts[0]), (b, a, counts[1]))
        for _ in range(times)
    ]
    expected = on_our_scale(np.asarray(choix.opt_pairwise(4, comparisons, tol=1e-12)))
    np.testing.assert_allclose(bradley_terry(tallies).scores, expected, atol=1e-3)
