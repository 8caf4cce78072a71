"""The same computations by evalica, arena-rank and FastChat's formulas."""

from __future__ import annotations

import multiprocessing
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.ratings.votes import N_MODELS, Array, Votes

# FastChat's bootstrap takes longest; its time is proportional to its rounds.
FASTCHAT_ROUNDS = 100


class Evalica:
    """evalica's Bradley-Terry, without intervals; its winners are prepared beforehand."""

    def __init__(self, votes: Votes) -> None:
        self._evalica: Any = import_module("evalica")
        outcome = self._evalica.Winner
        names = [outcome.X, outcome.Y, outcome.Draw]
        self._winners = [names[verdict] for verdict in votes.verdict]
        self._index = import_module("pandas").RangeIndex(N_MODELS)

    def __call__(self, votes: Votes) -> Any:
        return self._evalica.bradley_terry(votes.a, votes.b, self._winners)

    def with_index(self, votes: Votes) -> Any:
        """With a given index of the models, which saves it a pass over the names."""
        return self._evalica.bradley_terry(votes.a, votes.b, self._winners, index=self._index)


class ArenaRank:
    """arena-rank's ratings and sandwich intervals, from a data frame prepared beforehand."""

    def __init__(self, votes: Votes) -> None:
        self._data: Any = import_module("arena_rank.utils.data_utils")
        columns = {"model_a": votes.a, "model_b": votes.b, "winner": votes.share}
        self._names = [f"x{i}" for i in range(votes.covariates.shape[1])]
        columns |= dict(zip(self._names, votes.covariates.T, strict=True))
        self._frame = import_module("pandas").DataFrame(columns)
        self._same = {0.0: 0.0, 0.5: 0.5, 1.0: 1.0}

    def __call__(self, votes: Votes) -> Array:
        models = import_module("arena_rank.models.bradley_terry")
        pairs = self._data.PairDataset.from_pandas(self._frame, outcome_map=self._same)
        model = models.BradleyTerry(N_MODELS)
        return np.asarray(model.compute_ratings_and_cis(pairs)["rating_upper"])

    def style(self, votes: Votes) -> Array:
        models = import_module("arena_rank.models.contextual_bradley_terry")
        pairs = self._data.ContextualPairDataset.from_pandas(
            self._frame, self._names, outcome_map=self._same, reweighted=False
        )
        model = models.ContextualBradleyTerry(N_MODELS, len(self._names))
        return np.asarray(model.compute_ratings_and_cis(pairs)["rating_upper"])


def fastchat_loss(
    ratings: Array, matchups: Array, outcomes: Array, weights: Array, alpha: float
) -> tuple[float, Array]:
    """Loss and gradient of FastChat's Bradley-Terry fit, as it computes them."""
    pair = ratings[matchups]
    chance = expit(alpha * (pair[:, 0] - pair[:, 1]))
    likelihood = np.log(chance) * outcomes + np.log(1.0 - chance) * (1.0 - outcomes)
    push = -alpha * (outcomes - chance) * weights
    gradient = np.zeros_like(ratings)
    np.add.at(gradient, matchups[:, [0, 1]], push[:, None] * np.array([1.0, -1.0]))
    return -float((likelihood * weights).sum()), gradient


def fastchat_fit(matchups: Array, outcomes: Array, weights: Array) -> Array:
    fit: Any = minimize(
        fastchat_loss,
        np.zeros(N_MODELS),
        args=(matchups, outcomes, weights, np.log(10.0)),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 100, "gtol": 1e-6},
    )
    return np.asarray(fit.x)


def fastchat_bootstrap(votes: Votes) -> Array:
    """FastChat's bootstrap: resampled counts of unique rows, fits from zero, in a process pool."""
    rows = np.stack([votes.a, votes.b, votes.verdict], axis=1).astype(np.int32)
    unique, counts = np.unique(rows, return_counts=True, axis=0)
    outcomes = np.array([1.0, 0.0, 0.5])[unique[:, 2]]
    draws = np.random.default_rng(0).multinomial(
        len(rows), counts / counts.sum(), size=FASTCHAT_ROUNDS
    )
    fit = partial(fastchat_fit, unique[:, :2], outcomes)
    with multiprocessing.get_context("fork").Pool() as pool:
        return np.stack(pool.map(fit, draws / len(rows)))
