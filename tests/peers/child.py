"""arena-rank's reading and rating of our files, in the peers' own environment."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
SCRIPT = Path(__file__).with_name("read_votes.py")


@dataclass(frozen=True)
class Rated:
    """Number of votes read, and Elo scores and upper bounds by name of the model."""

    votes: int
    scores: dict[str, float]
    upper: dict[str, float]


def rate_files(*paths: Path) -> list[Rated]:
    """Rate each file (.json, .jsonl, .csv, .parquet); fails when the peers are not installed."""
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON.relative_to(ROOT)} is missing: run 'make install-peers' (0.9 GB).")
    command = [str(PYTHON), str(SCRIPT), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.fail(f"arena-rank could not rate our files:\n{done.stderr}")
    return [Rated(**json.loads(line)) for line in done.stdout.splitlines()]
