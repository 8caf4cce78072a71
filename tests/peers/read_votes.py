"""Run by the peers' own Python: read files of votes with their code, print their scores as JSON.

    .venv/peers/bin/python tests/peers/read_votes.py FILE...

arena-rank's own loader reads `winner` directly; for the 55k release, which has a column per outcome
instead, the column is built first.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

OUTCOMES = {"winner_model_a": "model_a", "winner_model_b": "model_b", "winner_tie": "tie"}
# Iterated to convergence, with almost none of the ridge regularisation that narrows the intervals.
EXACT = {"ftol": 0.0, "gtol": 1e-13, "max_iter": 10_000, "hessian_reg": 1e-7}


def read(path: Path) -> pd.DataFrame:
    """The votes, by pandas' reader for this kind of file."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return pd.read_json(path, lines=path.suffix == ".jsonl")


def rate(votes: pd.DataFrame) -> dict[str, Any]:
    """arena-rank's scores and upper bounds of their 95% intervals, by name of the model."""
    data: Any = import_module("arena_rank.utils.data_utils")
    models: Any = import_module("arena_rank.models.bradley_terry")
    if "winner" not in votes:
        votes = votes.assign(winner=votes[list(OUTCOMES)].idxmax(axis=1).map(OUTCOMES))
    pairs = data.PairDataset.from_pandas(votes)
    found = models.BradleyTerry(len(pairs.competitors), **EXACT).compute_ratings_and_cis(pairs)
    columns = {"scores": "ratings", "upper": "rating_upper"}
    return {
        ours: dict(zip(pairs.competitors, found[theirs].tolist(), strict=True))
        for ours, theirs in columns.items()
    }


if __name__ == "__main__":
    for name in sys.argv[1:]:
        table = read(Path(name))
        print(json.dumps({"votes": len(table), **rate(table)}))
