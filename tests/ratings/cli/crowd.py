"""The votes the tests read: 240 made-up ones, on trees, with answers of different styles."""

import csv
from importlib import import_module
from pathlib import Path
from typing import Any

from ratings.core import Tallies

CROWD = Path(__file__).parent / "crowd.csv"
KEYS = [
    "model", "score", "lower", "upper", "rank_low", "rank_high", "rank_ub", "votes", "win_rate",
    "status", "component", "tier",
]  # fmt: skip


def rows_of_crowd() -> list[dict[str, str]]:
    with CROWD.open(newline="") as file:
        return list(csv.DictReader(file))


def crowd_tallies(**columns: Any) -> tuple[Tallies, list[str]]:
    rows = rows_of_crowd()
    names = sorted({row["model_a"] for row in rows})
    verdicts = {"model_a": 0, "model_b": 1, "tie": 2, "tie (bothbad)": 3, "both_bad": 3}
    a, b = ([names.index(row[side]) for row in rows] for side in ("model_a", "model_b"))
    verdict = [verdicts[row["winner"]] for row in rows]
    return Tallies.from_votes(a, b, verdict, len(names), **columns), names


def write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    pyarrow: Any = import_module("pyarrow")
    import_module("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(rows), path)


def write_as_llmfao(path: Path) -> None:
    """The same votes in the layout of LLMFAO's crowd-comparisons.csv, which has no 'both bad'."""
    winners = {"model_a": "left", "model_b": "right"}
    rows = [
        {"id": n, "prompt": 0, "model_x": 0, "model_y": 0, "worker": row["judge"],
         "winner": winners.get(row["winner"], "tie"), "left": row["model_a"],
         "right": row["model_b"]}
        for n, row in enumerate(rows_of_crowd())
    ]  # fmt: skip
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
