"""Thousands of models with a few votes each: processor time of the command, including its start,
against a dense factorisation of such a matrix alone."""

from __future__ import annotations

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.ratings.votes import Array

N_MODELS, VOTES_EACH, TURNS = 4500, 4, 5
DENSE = f"""
import numpy as np
np.linalg.cholesky(np.eye({N_MODELS}) + 1e-3)
"""


def write_votes(file: Path) -> None:
    """Votes as on the many merged models of a model hub: each model has met four others."""
    rng = np.random.default_rng(1)
    strength = rng.normal(0.0, 0.5, N_MODELS)
    a = np.tile(np.arange(N_MODELS), VOTES_EACH // 2)
    b = np.concatenate([rng.permutation(N_MODELS) for _ in range(VOTES_EACH // 2)])
    chance = 1 / (1 + np.exp(strength[b] - strength[a]))
    winner = np.where(rng.random(len(a)) < chance, "model_a", "model_b")
    winner[rng.random(len(a)) < 0.3] = "tie"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("model_a", "model_b", "winner"))
        writer.writerows(_rows(a, b, winner))


def _rows(a: Array, b: Array, winner: Array) -> list[tuple[str, str, str]]:
    columns = zip(a.tolist(), b.tolist(), winner.tolist(), strict=True)
    return [(f"model-{i}", f"model-{j}", who) for i, j, who in columns if i != j]


def processor_seconds(*arguments: str) -> float:
    """Processor time of a separate Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def part_many() -> dict[str, float]:
    seconds: dict[str, list[float]] = {"ours": [], "floor": []}
    with tempfile.TemporaryDirectory() as folder:
        votes = Path(folder) / "votes.csv"
        write_votes(votes)
        for _ in range(TURNS):
            seconds["ours"].append(processor_seconds("-m", "ratings", "rate", str(votes)))
            seconds["floor"].append(processor_seconds("-c", DENSE))
    return {name: statistics.median(values) for name, values in seconds.items()}
