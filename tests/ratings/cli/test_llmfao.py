"""Votes in LLMFAO's layout: ours, and LLMFAO's own where the variable LLMFAO names its folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ratings.cli.main import main
from tests.ratings.cli.crowd import CROWD, write_as_llmfao


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    write_as_llmfao(tmp_path / "crowd-comparisons.csv")
    return tmp_path / "crowd-comparisons.csv"


def test_rate_reads_llmfaos_layout(board: Any, ours: Path) -> None:
    assert board(ours) == board(CROWD)
    assert board(ours, "--cluster", "worker") == board(CROWD, "--cluster", "judge")


def test_rate_refuses_a_winner_llmfao_does_not_know(ours: Path, complaint: Any) -> None:
    header, votes = ours.read_text().split("\n", 1)
    ours.write_text(header + "\n" + votes.replace(",left,", ",centre,", 1))
    assert "winner 'centre' is not one of" in complaint("rate", ours, "--strict")


def test_voters_of_llmfaos_layout(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voters", str(ours), "--cluster", "worker", "--format", "json"]) == 0
    there = capsys.readouterr().out
    assert main(["voters", str(CROWD), "--format", "json"]) == 0
    assert len(json.loads(there)) == len(json.loads(capsys.readouterr().out)) > 0


if "LLMFAO" in os.environ:

    def test_llmfaos_own_votes_make_a_board(board: Any) -> None:
        path = Path(os.environ["LLMFAO"]) / "crowd-comparisons.csv"
        rows = board(path, "--cluster", "worker")
        assert len(rows) == 59
        assert sum(row["votes"] for row in rows) == 2 * 8931
        assert rows[0]["model"] == "GPT 4"
