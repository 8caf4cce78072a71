"""Errors are reported in one line, with the file and the row."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ratings.cli.main import main
from tests.ratings.cli.crowd import CROWD


def test_rate_without_pyarrow_says_what_to_install(
    complaint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "votes.parquet"
    path.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert (
        complaint("rate", path)
        == f"ratings: {path}: Parquet needs pyarrow; 'pip install pyarrow'.\n"
    )


VOTES = "model_a,model_b,winner,weight\nx,y,model_a,1\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            VOTES + "x,y,modela,1\n",
            "row 2 (line 3): winner 'modela' is not one of model_a, model_b, tie",
        ),
        (VOTES + "\n\nx,x,tie,1\n", "row 2 (line 5): 'x' is compared with itself"),
        (VOTES + "x,,tie,1\n", "row 2 (line 3): 'model_b' is empty"),
        (VOTES + "x,y,tie,much\n", "row 2 (line 3): weight 'much' is not a number"),
        (VOTES + "x,y,tie,-1\n", "row 2 (line 3): 'weight' -1.0 is not a finite weight >= 0"),
        (VOTES + "x,y,tie,nan\n", "row 2 (line 3): 'weight' nan is not a finite weight >= 0"),
        (VOTES + "x,y,tie,1e308\n", "row 2 (line 3): 'weight' 1e+308 is neither 0 nor between"),
        (VOTES + "x,y,tie,1e-200\n", "row 2 (line 3): 'weight' 1e-200 is neither 0 nor between"),
        (
            VOTES + "x,y,left,1\n",
            "row 2 (line 3): winner 'left' is not one of model_a, model_b, tie",
        ),
        (VOTES + "x,y\n", "row 2 (line 3): has 2 values, the header 4"),
        ("model_a,winner\nx,tie\n", "no column 'model_b'; the file has model_a, winner"),
        ("model_a,model_b,winner\n", "there are no votes"),
        ("model_a,model_b,winner,model_b\nx,y,tie,z\n", "two columns are called 'model_b'"),
        ("", "the file is empty"),
    ],
)
def test_rate_bad_csv_names_file_and_row(
    content: str, message: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(content)
    error = complaint("rate", path, "--strict")
    assert error.startswith(f"ratings: {path}")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"model_a": "x", "model_b": "y", "winner": "tie"}\n\n{oops\n',
            "row 2 (line 3): not JSON",
        ),
        (
            '{"model_a": "x", "model_b": "y", "winner": "tie"}\n[1]\n',
            "row 2 (line 2): not a JSON object",
        ),
        (
            '{"model_a": "x", "model_b": "y", "winner": "tie"}\n{"model_a": 1}\n',
            "row 2 (line 2): 'model_b' is empty",
        ),
        (
            '\n{"model_a": "x", "model_b": "y", "winner": null}\n',
            "row 1 (line 2): winner None is not one",
        ),
        (
            '{"model_a": "x", "model_b": "y", "winner": ["tie"]}\n',
            "line 1): winner ['tie'] is not one",
        ),
    ],
)
def test_rate_bad_json_lines_name_file_and_line(
    content: str, message: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text(content)
    error = complaint("rate", path, "--strict")
    assert error.startswith(f"ratings: {path}")
    assert message in error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a JSON file"),
        ("[]", "'models' is not a list"),
        ('{"models": ["x", "y"], "X": [[0, 1]]}', "'Y' is not a list"),
        ('{"models": ["x", "y"], "X": [[0, 5]], "Y": [[1, 2, 3, 4]]}', "row 1 of X and Y: 'b' 5"),
        (
            '{"models": ["x", "y"], "X": [[0, 1]], "Y": [[1, -2, 3, 4]]}',
            "row 1 of X and Y: 'counts'",
        ),
        (
            '{"models": ["x", "y"], "X": [[0, 1]], "Y": [[3.7, 2, 3, 4]]}',
            "not whole numbers of votes",
        ),
        (
            '{"models": ["x", "y"], "X": [[0, 1]], "Y": [[1e300, 2, 3, 4]]}',
            "are more than 1e+15 votes",
        ),
        (
            '{"models": ["x", "y"], "X": [[0, 1]], "Y": [["a", 2, 3, 4]]}',
            "row 1 of X and Y: 'counts'",
        ),
        ('{"models": ["x", "x"], "X": [[0, 1]], "Y": [[1, 2, 3, 4]]}', "two models are called 'x'"),
        ('{"models": ["x", "y"], "X": [[0, 1], [0]], "Y": [[1, 2, 3, 4]]}', "tallies.json: "),
    ],
)
def test_rate_bad_tallies_name_the_file(
    content: str, message: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "tallies.json"
    path.write_text(content)
    assert message in complaint("rate", "--tallies", path)


def test_rate_missing_or_unknown_file_is_named(complaint: Any, tmp_path: Path) -> None:
    assert "no such file" in complaint("rate", tmp_path / "nowhere.csv")
    folder, pipe = tmp_path / "folder.csv", tmp_path / "pipe.csv"
    folder.mkdir()
    assert "that is a folder" in complaint("rate", folder)
    os.mkfifo(pipe)
    assert "Give it by standard input" in complaint("rate", pipe)
    assert "Give it by standard input" in complaint("rate", "--tallies", pipe)
    assert "must be a .csv, .tsv, .jsonl, .json, .parquet file" in complaint(
        "rate", tmp_path / "votes.xlsx"
    )
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    assert "not a Parquet file" in complaint("rate", broken)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("model_a,model_b,winner\né,y,tie\n".encode("latin-1"))
    assert "not UTF-8" in complaint("rate", latin)


def test_file_that_cannot_be_opened_is_named(
    complaint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"{'x' * 300}.csv"
    assert complaint("rate", path) == f"ratings: {path}: File name too long.\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert complaint("rate", "-") == "ratings: standard input: it is closed.\n"


def test_full_disk_is_said_once() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ratings", "rate", CROWD], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr.endswith(b"\nratings: No space left on device.\n")


@pytest.mark.parametrize("row", ["x,y,{long},1", "x,y,tie,{long}", "{long},{long},tie,1"])
def test_long_value_of_a_damaged_file_is_cut(row: str, complaint: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner,weight\n" + row.format(long="z" * 100_000))
    said = complaint("rate", path)
    assert len(said) < 2100 + len(str(path))
    assert "row 1 (line 2)" in said
    path.write_text(f"{'z' * 100_000},b\n")
    assert len(complaint("rate", path)) < 2100 + len(str(path))


def test_rate_unknown_anchor_or_column_is_named(complaint: Any) -> None:
    assert "no model is called 'Oak'" in complaint("rate", CROWD, "--anchor", "Oak=1000")
    assert "no column 'nobody'" in complaint("rate", CROWD, "--cluster", "nobody")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["rate"],
        ["rate", "votes.csv", "--tallies", "t.json"],
        ["rate", "votes.csv", "--ties", "coin"],
        ["rate", "--tallies", "t.json", "--style"],
        ["rate", "--tallies", "t.json", "--cluster", "judge"],
        ["rate", "votes.csv", "--style", "--ties", "davidson"],
        ["compare", "votes.csv", "x"],
        ["compare", "--tallies", "t.json", "x", "y", "--cluster", "judge"],
        ["rate", "--tallies", "t.json", "--decay", "7"],
        ["rate", "--tallies", "t.json", "--method", "elo"],
        ["rate", "votes.csv", "--decay", "0"],
        ["rate", "votes.csv", "--method", "elo", "--anchor", "x=1"],
    ],
)
def test_cli_misuse_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("anchor", ["Cedar", "Cedar=", "Cedar=nan", "Cedar=high", "Cedar=1e300"])
def test_rate_misspelt_anchor_exits_with_2(anchor: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["rate", str(CROWD), "--anchor", anchor])
    assert exit_.value.code == 2
    assert "write MODEL=SCORE" in capsys.readouterr().err


def test_models_are_called_by_name(complaint: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\ny,x,model_a\nz,x,model_a\n")
    assert complaint("compare", path, "x", "x") == "ratings: 'x' cannot be compared with itself.\n"
    assert complaint("compare", path, "z", "x") == (
        "ratings: 'z' cannot be compared: only wins against rated models.\n"
    )
    assert "'z' is not rated" in complaint("rate", path, "--anchor", "z=1000")


def test_times_that_are_none_are_named(complaint: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner,tstamp\nx,y,model_a,0\nx,y,model_a,noon\n")
    assert "row 2 (line 3): time 'noon'" in complaint("rate", path, "--strict", "--decay", "7")
    assert "row 2 (line 3): time 'noon'" in complaint("rate", path, "--strict", "--method", "elo")
    path.write_text("model_a,model_b,winner\nx,y,model_a\n")
    assert "no column 'tstamp'" in complaint("rate", path, "--decay", "7")


STYLED = "model_a,model_b,winner,response_a,response_b\n"


@pytest.mark.parametrize(
    "rows",
    [
        "x,y,model_a,hi,hi\nx,y,model_b,hi,hi\ny,z,tie,hi,hi\n",
        "x,y,model_a,,\nx,y,model_b,,\n",
    ],
)
def test_style_of_identical_answers_is_left_out(
    rows: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(STYLED + rows)
    assert main(["rate", str(path)]) == 0
    plain = capsys.readouterr().out
    assert main(["rate", str(path), "--style"]) == 0
    captured = capsys.readouterr()
    assert captured.out == plain
    assert "the answers never differ in length" in captured.err
    assert "nothing to control for; these are the ratings without style control." in captured.err


def test_style_that_follows_from_other_style_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Bold and headers always occur together, so they are collinear.
    path, both = tmp_path / "votes.csv", '"# one\n**two**"'
    rows = [f"x,y,{won},{both},no" for won in ("model_a", "model_b", "model_a")]
    rows += [f"x,y,{won},no,{both}" for won in ("model_a", "model_b", "model_a")]
    path.write_text(STYLED + "\n".join(rows))
    assert main(["rate", str(path), "--style"]) == 0
    captured = capsys.readouterr()
    assert "style: bold adds nothing to the other features; it is left out." in captured.err
    assert "style: length" in captured.err


def test_judges_without_a_name_are_each_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "votes.csv"
    header, votes = "model_a,model_b,winner,judge\n", ("model_a", "model_b", "model_a", "tie")
    boards = []
    for judges in ("    ", "abcd"):
        rows = [f"x,y,{won},{judge}" for won, judge in zip(votes, judges, strict=True)]
        path.write_text(header + "\n".join(rows))
        assert main(["rate", str(path), "--cluster", "judge"]) == 0
        boards.append(capsys.readouterr())
    assert boards[0].out == boards[1].out
    assert boards[0].err == (
        "ratings: 'judge' is empty in 4 votes: each counts as a separate one.\n"
        "ratings: 4 voters, who count as 4.0 equally active ones.\n"
    )
    assert main(["voters", str(path.with_suffix(".csv"))]) == 0


def test_bootstrap_of_four_votes_has_rank_ranges(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\nx,y,model_b\ny,z,tie\nx,z,tie\n")
    rows = board(path, "--interval", "bootstrap")
    assert {(row["rank_low"], row["rank_high"]) for row in rows} == {(1, 3)}
