"""Conversations in CSV files as pandas writes them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from arena.models import ImportedVote
from evenhand import reprs

from . import samples
from .conftest import Bring


def as_pandas_writes_it(rows: list[dict[str, Any]], path: Path, kind: str) -> Path:
    if kind == "numpy":
        for row in rows:
            for name in ("conversation_a", "conversation_b"):
                row[name] = np.array(row[name], dtype=object)
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


ASKED = 'Why isn\'t "x" `y`?\nWrite a Python function\tthat proves \\n it… 🎉'


@pytest.mark.parametrize("kind", ["list", "numpy"])
def test_33k_as_pandas_writes_it_keeps_its_labels(bring: Bring, tmp_path: Path, kind: str) -> None:
    rows = samples.rows("arena-33k")
    for row in rows:
        for name in ("conversation_a", "conversation_b"):
            row[name] = [{"content": ASKED, "role": "user"}, *samples.talk("It's # *so*")[1:]] * 2
    bring("arena-33k", samples.write(tmp_path / "votes.jsonl", rows), "plain")
    path = as_pandas_writes_it(rows, tmp_path / "votes.csv", kind)
    if kind == "numpy":
        assert "}\n {" in path.read_text()  # without commas
    report = bring("arena-33k", path, "pandas")
    assert (report.votes, report.remarks) == (12, [])
    known = ("key", "language", "labels", "style", "at", "verdict")
    plain, pandas = (
        list(
            ImportedVote.objects.filter(source__campaign__slug=slug)
            .order_by("key")
            .values_list(*known)
        )
        for slug in ("plain", "pandas")
    )
    assert pandas == plain
    assert "multi-turn" in plain[0][2]
    assert plain[0][3] is not None


def test_conversation_that_cannot_be_read_is_told(bring: Bring, tmp_path: Path) -> None:
    rows = [
        {**row, "conversation_a": "<Conversation at 0x7f>"} for row in samples.rows("arena-33k")
    ]
    report = bring("arena-33k", samples.write(tmp_path / "votes.csv", rows))
    assert report.votes == 12
    [remark] = report.remarks
    assert remark.startswith(
        "12 votes (line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …): their conversations"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[{'a': 1} {'a': 2}]", [{"a": 1}, {"a": 2}]),
        ("array([{'a': 'b'}], dtype=object)", [{"a": "b"}]),
        (
            "{'c': array(['x', \"y'\"], dtype='<U1'), 'd': np.float64(1.5)}",
            {"c": ["x", "y'"], "d": 1.5},
        ),
        ("[list(['a', 'b']) None nan True]", [["a", "b"], None, None, True]),
        ("('a', -1e3)", ["a", -1000.0]),
        ("'\\u00e4\\'\\n'", "ä'\n"),
    ],
)
def test_python_s_own_writing_is_read(text: str, value: Any) -> None:
    assert reprs.read(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "[", "[1", "{'a'}", "{'a': }", "__import__('os')()", "x", "1 2", "'a", "[" * 1_000, "...",
     "{[]: 1}", "f'{1}'", "a.b", "(" * 50 + ")" * 50, "lambda: 1", "[1, 2)", "'\\N{nobody}'"],
)  # fmt: skip
def test_what_is_not_python_s_writing_is_not_read(text: str) -> None:
    with pytest.raises(reprs.NotRead):
        reprs.read(text)


@pytest.mark.parametrize(
    "text", ["'" + "a" * 300_000, "['" + "\\'" * 300_000, "[" + "'a' " * 100_000, "9" * 300_000]
)
def test_reading_takes_no_square_of_time(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(reprs.NotRead):
        reprs.read(text)
    assert time.process_time() - begun < 3
