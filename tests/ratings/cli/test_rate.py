"""`rate`, run as its users do: arguments in; output, messages and exit code out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ratings.cli import blocks, method
from ratings.cli.main import main
from ratings.core import bradley_terry
from ratings.core.uncertainty import threads
from tests.ratings.cli.crowd import CROWD, KEYS, crowd_tallies, rows_of_crowd, write_parquet


def test_rate_equals_the_library(board: Any) -> None:
    tallies, names = crowd_tallies()
    expected = bradley_terry(tallies)
    rows = board(CROWD)
    assert [list(row) for row in rows] == [KEYS] * 5
    assert [row["model"] for row in rows] == [names[i] for i in expected.order]
    for row in rows:
        i = names.index(row["model"])
        assert row["score"] == pytest.approx(expected.scores[i])
        assert row["lower"] == pytest.approx(expected.lower[i])
        assert row["upper"] == pytest.approx(expected.upper[i])
        assert (row["rank_low"], row["rank_high"]) == (
            expected.rank_low[i],
            expected.rank_high[i],
        )
        assert row["rank_ub"] == expected.rank_ub[i]
        assert row["votes"] == expected.votes[i]
        assert row["win_rate"] == pytest.approx(expected.win_rate[i])


def test_rate_csv_is_the_json_in_columns(board: Any, capsys: pytest.CaptureFixture[str]) -> None:
    as_json = board(CROWD)
    assert main(["rate", str(CROWD), "--format", "csv"]) == 0
    as_csv = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["model"] for row in as_csv] == [row["model"] for row in as_json]
    assert [float(row["score"]) for row in as_csv] == [row["score"] for row in as_json]
    assert list(as_csv[0]) == KEYS


def test_rate_table_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rate", str(CROWD)]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == [
        "model",
        "score",
        "lower",
        "upper",
        "rank",
        "low",
        "rank",
        "high",
        "rank",
        "ub",
        "votes",
        "win",
        "rate",
        "tier",
    ]
    assert [line.split()[0] for line in lines] == ["Ash", "Birch", "Cedar", "Dogwood", "Elm"]
    assert len({line.index(line.split()[1]) + len(line.split()[1]) for line in lines}) == 1


def test_rate_reads_json_lines_and_parquet_alike(board: Any, tmp_path: Path) -> None:
    rows = rows_of_crowd()
    lines, parquet = tmp_path / "votes.jsonl", tmp_path / "votes.parquet"
    lines.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    write_parquet(rows, parquet)
    assert board(lines) == board(parquet) == board(CROWD)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_rate_reads_more_than_one_block(
    suffix: str, board: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, rows = board(CROWD), rows_of_crowd()
    path = tmp_path / f"votes.{suffix}"
    if suffix == "csv":
        path.write_bytes(CROWD.read_bytes())
    elif suffix == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        write_parquet(rows, path)
    monkeypatch.setattr(blocks, "ROWS_PER_BLOCK", 7)
    assert board(path) == whole


def test_rate_quoted_line_breaks_are_no_rows(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(
        'winner,response_a,model_a,model_b\nmodel_a,"two\nlines",x,y\nmodel_b,"a ""quote""",x,y\n'
    )
    assert [row["votes"] for row in board(path)] == [2, 2]


def test_rate_cluster_widens_to_the_clustered_sandwich(board: Any) -> None:
    judges = [row["judge"] for row in rows_of_crowd()]
    voter = [sorted(set(judges)).index(judge) for judge in judges]
    tallies, names = crowd_tallies(voter=voter)
    expected = bradley_terry(tallies, covariance="clustered")
    for row in board(CROWD, "--cluster", "judge"):
        assert row["upper"] == pytest.approx(expected.upper[names.index(row["model"])])


@pytest.mark.parametrize("cluster", [[], ["--cluster", "judge"]])
def test_rate_bootstrap_has_the_same_scores_and_other_intervals(
    cluster: list[str], board: Any
) -> None:
    plain, drawn = board(CROWD), board(CROWD, "--interval", "bootstrap", *cluster)
    assert [row["score"] for row in drawn] == [row["score"] for row in plain]
    assert all(p["lower"] != d["lower"] for p, d in zip(plain, drawn, strict=True))
    assert all(row["lower"] < row["score"] < row["upper"] for row in drawn)


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_rate_tie_models(ties: Any, board: Any) -> None:
    tallies, names = crowd_tallies()
    expected = bradley_terry(tallies, ties=ties)
    for row in board(CROWD, "--ties", ties):
        assert row["score"] == pytest.approx(expected.scores[names.index(row["model"])])


def test_rate_anchor_pins_a_model(board: Any) -> None:
    rows = {row["model"]: row for row in board(CROWD, "--anchor", "Cedar=1200")}
    assert rows["Cedar"]["score"] == 1200
    assert rows["Ash"]["score"] > 1200 > rows["Elm"]["score"]


def test_rate_weight_column_weighs(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner,weight\nx,y,model_a,3\nx,y,model_b,1\n")
    rows = board(path)
    assert rows[0]["score"] - rows[1]["score"] == pytest.approx(400 * np.log10(3))
    assert rows[0]["votes"] == 2


def test_rate_style_holds_length_equal(board: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rate", str(CROWD), "--style", "--format", "json"]) == 0
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    assert list(rows[0]) == KEYS
    assert [row["score"] for row in rows] != [row["score"] for row in board(CROWD)]
    assert "style: length 0." in captured.err
    assert "style: bold" in captured.err
    assert "the answers never differ in headers; it is left out" in captured.err
    assert "style: headers" not in captured.err


def test_rate_style_reads_conversations(board: Any, tmp_path: Path) -> None:
    def conversation(answer: str) -> list[dict[str, Any]]:
        return [
            {"role": "user", "content": "a long question that is not counted " * 9},
            {"role": "assistant", "content": [{"type": "text", "text": answer}]},
        ]

    flat, nested = tmp_path / "flat.jsonl", tmp_path / "nested.jsonl"
    rows: list[dict[str, Any]] = list(rows_of_crowd())
    flat.write_text("\n".join(map(json.dumps, rows)))
    for row in rows:
        for side in "ab":
            row[f"conversation_{side}"] = conversation(row.pop(f"response_{side}"))
    nested.write_text("\n".join(map(json.dumps, rows)))
    assert board(nested, "--style") == board(flat, "--style")


def test_rate_tallies_equal_votes(board: Any, tmp_path: Path) -> None:
    tallies, names = crowd_tallies()
    path = tmp_path / "tallies.json"
    layout = {"models": names, "X": tallies.pairs.tolist(), "Y": tallies.counts.tolist()}
    path.write_text(json.dumps(layout))
    from_votes, from_tallies = board(CROWD), board("--tallies", path)
    assert [row["model"] for row in from_tallies] == [row["model"] for row in from_votes]
    assert from_tallies[0]["score"] == pytest.approx(from_votes[0]["score"])


def test_rate_one_vote_has_no_score(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\n")
    assert main(["rate", str(path), "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert "no two can be compared yet" in captured.err
    first, second = json.loads(captured.out)
    assert (first["model"], first["win_rate"], first["score"], first["rank_low"]) == (
        "x",
        1,
        None,
        None,
    )
    assert (second["model"], second["win_rate"], second["lower"]) == ("y", 0, None)
    assert main(["rate", str(path)]) == 0
    assert "only wins" in capsys.readouterr().out


def test_rate_says_component_and_status(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    votes = ["a,b,model_a", "b,a,model_a", "c,d,model_a", "d,c,model_a"]
    boards = []
    for order in (votes, votes[::-1]):
        path.write_text("\n".join(["model_a,model_b,winner", *order]))
        boards.append(board(path))
    assert boards[0] == boards[1]
    both = [(row["model"], row["status"], row["component"], row["score"]) for row in boards[0]]
    of = {"a": 1, "b": 1, "c": 2, "d": 2}
    assert both == [(name, "split", of[name], None) for name in "abcd"]
    path.write_text("\n".join(["model_a,model_b,winner", *votes, "e,c,model_b", "c,e,model_b"]))
    found = {row["model"]: (row["status"], row["component"]) for row in board(path)}
    assert found["e"] == ("rated", 1)
    assert found["a"] == ("other_component", 2)


def test_rate_table_says_why_in_words_that_hold(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\na,b,model_a\na,b,model_a\n")
    assert main(["rate", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("only wins")
    path.write_text("model_a,model_b,winner,weight\na,b,model_a,0\na,b,model_b,0\n")
    assert main(["rate", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("no votes of any weight")


def test_rate_takes_models_that_read_alike_for_one(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    pairs: list[tuple[Any, Any]] = [(1, "2"), ("2", 1), ("1", 2)]
    rows = [{"model_a": a, "model_b": b, "winner": "model_a"} for a, b in pairs]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [(row["model"], row["votes"]) for row in board(path)] == [("1", 3), ("2", 3)]


def test_rate_bootstrap_keeps_to_the_cores_of_its_control_group(
    board: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(method, "usable_cores", lambda: 1)
    monkeypatch.delattr(threads, "ThreadPoolExecutor")  # starting threads would fail
    assert len(board(CROWD, "--interval", "bootstrap")) == 5
