"""Elo in the order of time, and votes with time decay."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ratings.cli.main import main
from ratings.cli.times import seconds
from ratings.core.fit.elo import elo
from tests.ratings.cli.crowd import write_parquet

HEADER = "model_a,model_b,winner,tstamp\n"
DAY = 86_400


def test_seconds_of_the_usual_ways_to_write_a_time() -> None:
    noon = datetime(2024, 8, 14, 12, tzinfo=UTC)
    ways = (noon.timestamp(), str(noon.timestamp()), "2024-08-14T12:00:00Z", "2024-08-14 12:00:00")
    elsewhere = noon.astimezone(timezone(timedelta(hours=2)))
    for way in (*ways, noon, noon.replace(tzinfo=None), elsewhere, elsewhere.isoformat()):
        assert seconds(way) == noon.timestamp()


def test_elo_replays_in_the_order_of_time(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    votes = ["x,y,model_a,30", "x,y,model_b,10", "y,x,model_a,20"]
    boards = []
    for order in (votes, votes[::-1]):
        path.write_text(HEADER + "\n".join(order))
        rows = {row["model"]: row["score"] for row in board(path, "--method", "elo")}
        boards.append((rows["x"], rows["y"]))
    assert boards[0] == boards[1] == pytest.approx(elo([0, 1, 0], [1, 0, 1], [1, 0, 0], 2).scores)


def test_elo_without_times_takes_the_rows_as_they_come(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\nx,y,model_b\n")
    rows = board(path, "--method", "elo")
    scores = elo([0, 0], [1, 1], [0, 1], 2).scores
    assert [row["model"] for row in rows] == ["y", "x"]
    assert [row["score"] for row in rows] == pytest.approx(scores[::-1])


def test_elo_says_that_it_does_not_weigh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner,weight\nx,y,model_a,9\n")
    assert main(["rate", str(path), "--method", "elo"]) == 0
    captured = capsys.readouterr()
    assert "1002.0" in captured.out
    assert captured.err == "ratings: Elo uses no weights; 'weight' is ignored.\n"


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_decay_halves_a_vote_for_each_half_life(suffix: str, board: Any, tmp_path: Path) -> None:
    path = tmp_path / f"votes.{suffix}"
    votes = [("x", "y", "model_a", 14.0 * DAY), ("x", "y", "model_b", 0.0)]
    rows = [dict(zip(HEADER.strip().split(","), vote, strict=True)) for vote in votes]
    if suffix == "csv":
        path.write_text(HEADER + "\n".join(",".join(map(str, vote)) for vote in votes))
    elif suffix == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        write_parquet(rows, path)
    first, second = board(path, "--decay", "7")
    # Two half-lives: odds of four to one.
    assert first["score"] - second["score"] == pytest.approx(400 * 0.6020599913)
    assert (first["model"], first["votes"]) == ("x", 2)


@pytest.mark.parametrize("unit", [1e3, 1e6, 1e9])
def test_decay_finds_out_the_unit_of_the_times(
    unit: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, start = tmp_path / "votes.csv", 1_723_600_000
    boards = []
    for size in (1, unit):
        rows = [f"x,y,model_a,{int((start + 14 * DAY) * size)}", f"x,y,model_b,{int(start * size)}"]
        path.write_text(HEADER + "\n".join(rows))
        assert main(["rate", str(path), "--decay", "7"]) == 0
        boards.append(capsys.readouterr())
    assert boards[0].out == boards[1].out
    words = {1e3: "milliseconds", 1e6: "microseconds", 1e9: "nanoseconds"}[unit]
    assert boards[1].err == f"ratings: the times are read as {words} since 1970.\n"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("1723600000000", "1723600000", "time 1723600000 is in seconds, those before in millisec"),
        ("1723600000", "1723600000000000", "is in microseconds, those before in seconds"),
        ("1723600000", "9999-01-01", "its time is in the year 9999, not in 1990 to 2099"),
        ("2024-08-14", "0", "its time is in the year 1970, not in 1990 to 2099"),
        ("1723600000", "1e300", "is in nanoseconds, those before in seconds"),
        ("2024-08-14", "1950-01-01", "its time is in the year 1950, not in 1990 to 2099"),
    ],
)
def test_times_that_cannot_all_be_meant_are_refused(
    first: str, second: str, why: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(f"{HEADER}x,y,model_a,{first}\nx,y,model_b,{second}\n")
    for option in (["--decay", "7"], ["--method", "elo"]):
        error = complaint("rate", path, *option)
        assert "row 2 (line 3)" in error
        assert why in error
