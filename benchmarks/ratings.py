"""`python -m benchmarks.ratings`: the ratings library against its peers, in time and memory.

Both sides of a ratio are measured in the same run, in turn, on the same votes in memory, and their
medians compared. Each part runs in a process of its own: the peers' thread pools and compilers must
not disturb each other, and peak memory is a property of a process. BLAS gets one thread: matrices
of 200 x 200 gain nothing from more.

Needs evalica, arena-rank (which pins a numpy of its own: give it its own environment), pandas.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.figures import report
from ratings.core import Tallies, bradley_terry
from ratings.core.bootstrap import bootstrap
from ratings.core.style import style_control

Array = NDArray[Any]
Seconds = dict[str, float]

N_MODELS, N_VOTES, N_COVARIATES = 200, 2_000_000, 5
# FastChat's bootstrap is what takes longest; its time grows in proportion to its rounds.
FASTCHAT_ROUNDS, OUR_ROUNDS = 100, 1000


@dataclass(frozen=True)
class Votes:
    """Votes under Davidson's model, popular models more often, with covariates when asked."""

    a: Array
    b: Array
    verdict: Array
    covariates: Array

    @classmethod
    def simulate(cls, n_votes: int, n_covariates: int = 0) -> Votes:
        rng = np.random.default_rng(0)
        strengths = rng.normal(0.0, 0.7, N_MODELS)
        a = rng.choice(N_MODELS, n_votes, p=rng.dirichlet(np.full(N_MODELS, 5.0)))
        b = (a + 1 + rng.integers(0, N_MODELS - 1, n_votes)) % N_MODELS
        x = rng.normal(size=(n_votes, n_covariates))
        gap = strengths[a] - strengths[b] + 0.1 * x.sum(axis=1)
        odds = np.stack([np.exp(gap / 2), np.exp(-gap / 2), np.full(n_votes, 0.9)])
        heights = np.cumsum(odds, axis=0) / odds.sum(axis=0)
        verdict = (rng.random(n_votes) > heights[:2]).sum(axis=0)
        return cls(a, b, verdict, x)

    @property
    def share(self) -> Array:
        """Of the left side: 1, 0 or, for ties, 0.5."""
        return np.array([1.0, 0.0, 0.5])[self.verdict]


def ours(votes: Votes) -> Array:
    result = bradley_terry(Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS))
    return np.stack([result.scores, result.lower, result.upper])


def our_style(votes: Votes) -> Array:
    result = style_control(votes.a, votes.b, votes.verdict, votes.covariates, N_MODELS)
    return np.append(result.ratings.upper, result.upper)


def counting(votes: Votes) -> Array:
    """The least anybody has to do: a key for every vote, and a count of the keys."""
    keys = (votes.a * N_MODELS + votes.b) * 4 + votes.verdict
    return np.bincount(keys, minlength=4 * N_MODELS**2)


class Evalica:
    """evalica's Bradley-Terry, without intervals; its winners are made beforehand."""

    def __init__(self, votes: Votes) -> None:
        self._evalica: Any = import_module("evalica")
        outcome = self._evalica.Winner
        names = [outcome.X, outcome.Y, outcome.Draw]
        self._winners = [names[verdict] for verdict in votes.verdict]
        self._index = import_module("pandas").RangeIndex(N_MODELS)

    def __call__(self, votes: Votes) -> Any:
        return self._evalica.bradley_terry(votes.a, votes.b, self._winners)

    def with_index(self, votes: Votes) -> Any:
        """With the numbering of the models given, which spares it a pass over the names."""
        return self._evalica.bradley_terry(votes.a, votes.b, self._winners, index=self._index)


class ArenaRank:
    """arena-rank's ratings and sandwich intervals, from a data frame made beforehand."""

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
    """FastChat's bootstrap: counts of unique rows drawn again, fits from zero, in a pool."""
    rows = np.stack([votes.a, votes.b, votes.verdict], axis=1).astype(np.int32)
    unique, counts = np.unique(rows, return_counts=True, axis=0)
    outcomes = np.array([1.0, 0.0, 0.5])[unique[:, 2]]
    draws = np.random.default_rng(0).multinomial(
        len(rows), counts / counts.sum(), size=FASTCHAT_ROUNDS
    )
    fit = partial(fastchat_fit, unique[:, :2], outcomes)
    with multiprocessing.get_context("fork").Pool() as pool:
        return np.stack(pool.map(fit, draws / len(rows)))


def our_bootstrap(votes: Votes) -> Array:
    tallies = Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS)
    return bootstrap(tallies, rounds=OUR_ROUNDS).draws


def timed(
    sides: Mapping[str, Callable[[Votes], Any]], votes: Votes, rounds: dict[str, int]
) -> Seconds:
    """Median seconds of each side over its rounds, sides in turn, after one round to warm up."""
    for run in sides.values():
        run(votes)
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(max(rounds.values())):
        for name, run in sides.items():
            if turn < rounds[name]:
                start = time.perf_counter()
                run(votes)
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def part_counting() -> Seconds:
    return timed(
        {"ours": ours, "floor": counting}, Votes.simulate(N_VOTES), {"ours": 41, "floor": 41}
    )


def part_evalica() -> Seconds:
    votes = Votes.simulate(N_VOTES)
    evalica = Evalica(votes)
    return timed(
        {"ours": ours, "peer": evalica, "peer_with_index": evalica.with_index},
        votes,
        {"ours": 15, "peer": 5, "peer_with_index": 5},
    )


def part_arena_rank() -> Seconds:
    votes = Votes.simulate(N_VOTES)
    return timed({"ours": ours, "peer": ArenaRank(votes)}, votes, {"ours": 15, "peer": 3})


def part_style() -> Seconds:
    votes = Votes.simulate(N_VOTES, N_COVARIATES)
    peer = ArenaRank(votes).style
    return timed({"ours": our_style, "peer": peer}, votes, {"ours": 5, "peer": 3})


def part_bootstrap() -> Seconds:
    votes = Votes.simulate(N_VOTES)
    sides = {"ours": our_bootstrap, "peer": fastchat_bootstrap}
    return timed(sides, votes, {"ours": 7, "peer": 3})


def part_growth() -> Seconds:
    small, large = Votes.simulate(100_000), Votes.simulate(10_000_000)
    result = {
        "votes_1e5": timed({"": ours}, small, {"": 15})[""],
        "votes_1e7": timed({"": ours}, large, {"": 5})[""],
    }
    for name, votes in (("tallies_1e5", small), ("tallies_1e7", large)):
        tallies = Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS)
        rate = partial(_from_tallies, tallies)
        result[name] = timed({"": rate}, votes, {"": 31})[""]
    return result


def _from_tallies(tallies: Tallies, _: Votes) -> Array:
    return bradley_terry(tallies).upper


def peak_of(run: Callable[[Votes], Any], votes: Votes) -> Seconds:
    """Megabytes the process grew by, at its highest, beyond what it held before."""
    status = Path("/proc/self/status")

    def megabytes(field: str) -> float:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines[field].split()[0]) / 1024

    run(Votes.simulate(1000, votes.covariates.shape[1]))  # imports and first-use buffers
    ctypes.CDLL(None).malloc_trim(0)  # what the simulation has freed goes back to the system
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = megabytes("VmRSS")
    run(votes)
    return {"mb": max(megabytes("VmHWM") - before, 0.1)}


def part_memory_ours() -> Seconds:
    return peak_of(ours, Votes.simulate(N_VOTES))


def part_memory_arena_rank() -> Seconds:
    votes = Votes.simulate(N_VOTES)
    return peak_of(ArenaRank(votes), votes)


def part_memory_our_style() -> Seconds:
    return peak_of(our_style, Votes.simulate(N_VOTES, N_COVARIATES))


def part_memory_arena_rank_style() -> Seconds:
    votes = Votes.simulate(N_VOTES, N_COVARIATES)
    return peak_of(ArenaRank(votes).style, votes)


PARTS: dict[str, Callable[[], Seconds]] = {
    name.removeprefix("part_"): run for name, run in globals().items() if name.startswith("part_")
}


def measure(part: str) -> Seconds:
    """One part in a fresh process."""
    print(f"measuring {part} ...", flush=True)
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.ratings", part]
    done = subprocess.run(
        command, env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True
    )
    result: Seconds = json.loads(done.stdout.splitlines()[-1])
    return result


def report_speed(found: dict[str, Seconds]) -> None:
    for part, goal, name in (
        ("arena_rank", 150, "BT + interval: arena-rank's time over ours"),
        ("evalica", 40, "BT: evalica's time without interval over ours with"),
        ("style", 30, "style control + interval: arena-rank's time over ours"),
        ("bootstrap", 20, "bootstrap: FastChat's time for 100 rounds over ours for 1,000"),
    ):
        seconds = {f"{side}_s": value for side, value in found[part].items()}
        ratio = found[part]["peer"] / found[part]["ours"]
        report(name, ratio, goal, at_most=False, **seconds)
    floor = found["counting"]
    seconds = {f"{side}_s": value for side, value in floor.items()}
    report(
        "BT + interval: our time over counting",
        floor["ours"] / floor["floor"],
        2.0,
        at_most=True,
        **seconds,
    )


def report_growth(found: Seconds) -> None:
    votes = {"1e5_s": found["votes_1e5"], "1e7_s": found["votes_1e7"]}
    tallies = {"1e5_s": found["tallies_1e5"], "1e7_s": found["tallies_1e7"]}
    ratio = found["votes_1e7"] / found["votes_1e5"]
    report("time for 1e7 votes over 1e5", ratio, 100.0, at_most=True, **votes)
    ratio = found["tallies_1e7"] / found["tallies_1e5"]
    report("time from tallies of 1e7 over 1e5", ratio, 1.25, at_most=True, **tallies)


def report_memory(found: dict[str, Seconds]) -> None:
    for name, ours_part, peer_part in (
        ("peak memory of BT: ours over arena-rank's", "memory_ours", "memory_arena_rank"),
        (
            "peak memory of style control: ours over arena-rank's",
            "memory_our_style",
            "memory_arena_rank_style",
        ),
    ):
        mine, peer = found[ours_part]["mb"], found[peer_part]["mb"]
        report(name, mine / peer, 0.1, at_most=True, ours_mb=mine, peer_mb=peer)


def main() -> None:
    if len(sys.argv) == 2:
        print(json.dumps(PARTS[sys.argv[1]]()))
        return
    packages = ("numpy", "scipy", "evalica", "arena-rank", "jax", "pandas")
    print(f"{N_VOTES:,} votes x {N_MODELS} models, {os.cpu_count()} processors")
    print(", ".join(f"{package} {version(package)}" for package in packages))
    found = {part: measure(part) for part in PARTS}
    report_speed(found)
    report_growth(found["growth"])
    report_memory(found)


if __name__ == "__main__":
    main()
