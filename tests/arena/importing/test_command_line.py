"""The command line of ratings counts a file as an import does."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ratings.cli.files import votes_file
from ratings.cli.reading import read_votes

from . import samples
from .conftest import Bring, Counts, tallies
from .test_open_webui import MESSAGES, masked, record

DECIDED = {pair: (a, b, 0, 0) for pair, (a, b, _, _) in samples.TALLIES.items()}
EXPECTED = {
    "arena-55k": samples.TALLIES_WITHOUT_BAD,
    "comparia": samples.TALLIES_WITHOUT_BAD,
    "open-webui": DECIDED,
}


def counted(path: Path) -> Counts:
    """By the command line."""
    with votes_file(path) as file:
        votes = read_votes(file)
    found: dict[tuple[str, str], list[int]] = {}
    for a, b, verdict in zip(votes.a, votes.b, votes.verdict, strict=True):
        pair = min(a, b), max(a, b)
        counts = found.setdefault((votes.models[pair[0]], votes.models[pair[1]]), [0] * 4)
        counts[1 - verdict if a > b and verdict < 2 else verdict] += 1
    return {pair: (a, b, ties, bad) for pair, (a, b, ties, bad) in found.items()}


def sample(format: str) -> list[dict[str, Any]]:
    if format == "comparia-reactions":
        return samples.comparia_reactions(samples.VOTES)
    if format == "open-webui":
        return samples.rows(format, [said for said in samples.VOTES if "tie" not in said[2]])
    return samples.rows(format)


NESTED = ("fastchat-log", "open-webui", "comparia-turns")
CASES = [
    *((format, ".csv") for format in samples.ROWS if format not in NESTED),
    *((format, ".jsonl") for format in samples.ROWS if format != "csv"),
    *((format, ".parquet") for format in samples.ROWS if format.startswith("comparia")),
]


@pytest.mark.parametrize(("format", "suffix"), CASES)
def test_both_count_the_same(bring: Bring, tmp_path: Path, format: str, suffix: str) -> None:
    path = tmp_path / f"votes{suffix}"
    if suffix == ".parquet":
        pd.DataFrame(sample(format)).to_parquet(path)
    else:
        samples.write(path, sample(format))
    bring(format, path)
    assert counted(path) == tallies() == EXPECTED.get(format, samples.TALLIES)


def test_turns_without_a_verdict_are_no_votes(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("comparia-turns")
    rows[0]["choice"], rows[1]["choice"] = None, "idk"
    rows[2]["excluded"], rows[3]["excluded"] = True, False
    rows[4]["choice"] = "left"
    path = samples.write(tmp_path / "turns.jsonl", rows)
    report = bring("comparia-turns", path)
    assert (report.votes, report.set_aside) == (8, 1)
    assert report.reasons[0][0].startswith("choice 'left' is not one of a_better")
    assert dict(report.passed_over) == {
        "turns without a verdict": 2, "turns that compar:IA leaves out of its data": 1,
    }  # fmt: skip
    assert counted(path) == tallies()


def test_both_count_the_same_of_a_log_with_other_lines(bring: Bring, tmp_path: Path) -> None:
    rows = samples.rows("fastchat-log")
    names = [state["model_name"] for state in rows[0]["states"]]
    chats = [{"tstamp": 1.7e9, "type": "chat", "model": "ada", "state": {}}] * 60
    others = [
        {**rows[0], "models": [f"### Model A: {names[0]}", f"### Model B: {names[1]}"]},
        {**rows[1], "type": "rightvote"},  # another vote on the same conversations
        {**rows[2], "states": []},
        {**rows[3], "models": names},
    ]
    path = samples.write(tmp_path / "conv.json.jsonl", [*chats, *rows, *others])
    path = path.rename(tmp_path / "2024-01-01-conv.json")
    report = bring("fastchat-log", path)
    assert (report.votes, report.repeated, report.set_aside) == (12, 1, 1)
    assert counted(path) == tallies() == samples.TALLIES


@pytest.mark.parametrize("order", [1, -1])
def test_both_count_the_same_of_any_thumbs(bring: Bring, tmp_path: Path, order: int) -> None:
    """Every pair of thumbs, in either order in time, with and without a chat and masks."""
    hidden = masked("arena-model", x="ada", y="bea")
    rows = []
    for number, (first, second, messages, later) in enumerate(
        itertools.product((1, -1, 0), (1, -1, 0), (None, MESSAGES, hidden), (-5, 5))
    ):
        names = ("arena-model",) * 2 if messages is hidden else ("ada", "bea")
        shared = {"chat": f"c{number}", "messages": messages}
        rows += [
            record(f"r{number}", first, *names, at="x", **shared),
            record(f"s{number}", second, *names[::-1], at="y", **shared,
                   created_at=1_730_001_000 + later, updated_at=1_730_001_000 + later),
        ]  # fmt: skip
    rows.append(record("again", 1, "ada", "cyd", chat="c0", meta={}))
    rows.append(record("again", 1, "ada", "cyd", chat="c0", meta={}))
    rows.append(record("lost", 1, "arena-model", "bea", snapshot=None))
    rows.append(record("bad", 1, created_at="soon"))
    rows.append(record("alone", 1, data={"rating": 1, "model_id": "ada"}))
    rows.append(record("group", 1, data={"rating": 1, "model_id": "ada",
                                         "sibling_model_ids": ["bea", "cyd"]}))  # fmt: skip
    rows.append(record("text", 1, data=json.dumps({"rating": -1, "model_id": "cyd",
                                                   "sibling_model_ids": ["bea"]})))  # fmt: skip
    path = samples.write(tmp_path / "feedback.json", rows[::order])
    bring("open-webui", path)
    assert counted(path) == tallies()
    assert sum(map(sum, tallies().values())) > 40
