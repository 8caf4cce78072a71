"""The parts of the benchmark: seconds of both sides, alternating, or megabytes."""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.ratings.many import part_many
from benchmarks.ratings.peers import ArenaRank, Evalica, fastchat_bootstrap
from benchmarks.ratings.votes import (
    N_COVARIATES,
    N_MODELS,
    N_VOTES,
    Array,
    Votes,
    clustered,
    counting,
    our_bootstrap,
    our_style,
    ours,
    sorting,
    voters_of,
)
from ratings.core import Tallies, bradley_terry

Figures = dict[str, float]
Run = Callable[[Votes], Any]


def timed(sides: Mapping[str, Run], votes: Votes, turns: int, *, ours_each: int = 1) -> Figures:
    """Median and least seconds of each side, alternating, after one warm-up round.

    Args:
        ours_each: how often our side runs in each turn, as it takes much less time.
    """
    for run in sides.values():
        run(votes)
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(turns):
        for name, run in sides.items():
            for _ in range(ours_each if name == "ours" else 1):
                seconds[name].append(seconds_of(run, votes))
    best = {f"{name}_best": min(values) for name, values in seconds.items()}
    return {name: statistics.median(values) for name, values in seconds.items()} | best


def seconds_of(run: Run, votes: Votes) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    run(votes)
    return time.perf_counter() - start


def part_counting() -> Figures:
    return timed({"ours": ours, "floor": counting}, Votes.simulate(N_VOTES), turns=41)


def part_clustered() -> Figures:
    votes = Votes.simulate(N_VOTES)
    voter = voters_of(votes)
    together: Run = partial(clustered, voter=voter)
    return timed(
        {"ours": together, "independent": ours, "sorting": partial(sorting, voter=voter)},
        votes,
        turns=11,
    )


def part_evalica() -> Figures:
    votes = Votes.simulate(N_VOTES)
    evalica = Evalica(votes)
    sides: Mapping[str, Run] = {
        "ours": ours,
        "peer": evalica,
        "peer_with_index": evalica.with_index,
    }
    return timed(sides, votes, turns=5, ours_each=5)


def part_arena_rank() -> Figures:
    votes = Votes.simulate(N_VOTES)
    return timed({"ours": ours, "peer": ArenaRank(votes)}, votes, turns=3, ours_each=5)


def part_style() -> Figures:
    votes = Votes.simulate(N_VOTES, N_COVARIATES)
    sides: Mapping[str, Run] = {"ours": our_style, "peer": ArenaRank(votes).style}
    return timed(sides, votes, turns=3, ours_each=3)


def part_bootstrap() -> Figures:
    sides = {"ours": our_bootstrap, "peer": fastchat_bootstrap}
    return timed(sides, Votes.simulate(N_VOTES), turns=3, ours_each=3)


def part_growth() -> Figures:
    result = {}
    for name, n_votes, turns in (("1e5", 100_000, 15), ("1e7", 10_000_000, 5)):
        votes = Votes.simulate(n_votes)
        tallies = Tallies.from_votes(votes.a, votes.b, votes.verdict, N_MODELS)
        rate = partial(_from_tallies, tallies)
        result[f"votes_{name}"] = timed({"ours": ours}, votes, turns)["ours"]
        result[f"tallies_{name}"] = timed({"ours": rate}, votes, turns=31)["ours"]
    return result


def _from_tallies(tallies: Tallies, _: Votes) -> Array:
    return bradley_terry(tallies).upper


def peak_of(run: Run, votes: Votes) -> Figures:
    """Megabytes of the process's peak memory beyond what it held before."""
    status = Path("/proc/self/status")

    def megabytes(field: str) -> float:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines[field].split()[0]) / 1024

    run(Votes.simulate(1000, votes.covariates.shape[1]))  # imports and first-use buffers
    ctypes.CDLL(None).malloc_trim(0)  # return memory freed by the simulation to the system
    Path("/proc/self/clear_refs").write_text("5")  # reset the peak
    before = megabytes("VmRSS")
    run(votes)
    return {"mb": max(megabytes("VmHWM") - before, 0.1)}


def part_memory_ours() -> Figures:
    return peak_of(ours, Votes.simulate(N_VOTES))


def part_memory_arena_rank() -> Figures:
    votes = Votes.simulate(N_VOTES)
    return peak_of(ArenaRank(votes), votes)


def part_memory_our_style() -> Figures:
    return peak_of(our_style, Votes.simulate(N_VOTES, N_COVARIATES))


def part_memory_arena_rank_style() -> Figures:
    votes = Votes.simulate(N_VOTES, N_COVARIATES)
    return peak_of(ArenaRank(votes).style, votes)


PARTS: dict[str, Callable[[], Figures]] = {
    name.removeprefix("part_"): run for name, run in globals().items() if name.startswith("part_")
} | {"many": part_many}
