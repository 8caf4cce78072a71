"""Files of others, and our own exports, are read as they are."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from arena.exporting import writers
from arena.exporting.formats import FORMATS
from ratings.cli.main import main
from ratings.core import Tallies, bradley_terry
from tests.arena.importing import samples
from tests.ratings.cli.crowd import CROWD, rows_of_crowd, write_parquet

NAMES = ("ada", "bea", "cyd")
VOTERS = {
    "arena-33k": "judge",
    "arena-100k": "judge_hash",
    "arena-140k": "evaluation_session_id",
    "csv": "voter",
}
# How our own formats say who won.
OURS = {"model_a": "A", "model_b": "B", "tie": "TIE", "tie (bothbad)": "BOTH_BAD"}
Counts = dict[tuple[str, str], tuple[int, int, int, int]]


def scores(counts: Counts) -> list[float]:
    pairs = [[NAMES.index(name) for name in pair] for pair in counts]
    rated = bradley_terry(Tallies.from_counts(pairs, [*counts.values()], len(NAMES)))
    return sorted(rated.scores, reverse=True)


def gzipped(path: Path) -> Path:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
@pytest.mark.parametrize("format", [*VOTERS, "arena-55k"])
def test_releases_are_read_as_they_are(
    format: str, suffix: str, board: Any, tmp_path: Path
) -> None:
    path = samples.write(tmp_path / f"votes{suffix}", samples.rows(format))
    rows = board(path, "--strict")
    expected = samples.TALLIES_WITHOUT_BAD if format == "arena-55k" else samples.TALLIES
    assert [row["score"] for row in rows] == pytest.approx(scores(expected))
    assert {row["model"]: row["votes"] for row in rows} == {"ada": 8, "bea": 9, "cyd": 7}
    assert board(gzipped(path)) == rows


@pytest.mark.parametrize("format", VOTERS)
def test_voters_and_times_of_releases_are_found(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = samples.write(tmp_path / "votes.jsonl", samples.rows(format))
    assert main(["voters", str(path), "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert main(["rate", str(path), "--decay", "30"]) == 0
    assert f"--cluster {VOTERS[format]} takes those of one voter" in capsys.readouterr().err


def test_votes_on_models_whose_names_were_shown_are_left_out(
    board: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = samples.rows("arena-33k")
    shown = [{**row, "anony": False, "model_a": "dot"} for row in rows[:2]]
    path = samples.write(tmp_path / "votes.csv", [*rows, *shown])
    assert main(["rate", str(path), "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert "2 rows are left out: votes on models whose names were shown." in captured.err
    assert "bad rows" not in captured.err
    assert json.loads(captured.out) == board(samples.write(tmp_path / "blind.csv", rows))


def row_of(format: str, number: int, said: samples.Said, standing: str = "COUNTED") -> Any:
    """A row of an export, with the values that the command line reads; None for the others."""
    a, b, winner = said
    at = datetime(2026, 1, 2, 3, 4, number % 60)
    answers = {"answer_a": {"text": "one **two**"}, "answer_b": {"text": "one"}}
    values = {
        "id": f"v{number}", "model_a": a, "model_b": b, "verdict": OURS[winner],
        "standing": standing, "voter": f"w{number % 3}", "at": at, "item": "",
        "turns": [{"prompt": "Hi", **answers}], "timestamp": at, "model_a_name": a,
        "model_b_name": b, "visitor_id": f"w{number % 3}", "conversation_pair_id": f"v{number}",
        "chosen_model_name": {"model_a": a, "model_b": b}.get(winner),
        "both_equal": winner.startswith("tie"),
    }  # fmt: skip
    columns = FORMATS[format].columns
    return {name: values.get(name) for name in columns}


@pytest.mark.parametrize("suffix", writers.SUFFIXES)
@pytest.mark.parametrize("format", ["evenhand", "comparia"])
def test_our_exports_are_read(format: str, suffix: str, board: Any, tmp_path: Path) -> None:
    path = tmp_path / f"votes{suffix}"
    rows = [row_of(format, number, said) for number, said in enumerate(samples.VOTES)]
    writers.write(path, suffix, FORMATS[format].columns, rows)
    read = board(path, "--strict")
    assert [row["score"] for row in read] == pytest.approx(scores(samples.TALLIES))
    assert {row["model"]: row["votes"] for row in read} == {"ada": 8, "bea": 9, "cyd": 7}
    assert board(gzipped(path)) == read
    voter = "voter" if format == "evenhand" else "visitor_id"
    assert board(path, "--decay", "30", "--cluster", voter)[0]["votes"] == read[0]["votes"]


def test_votes_of_our_export_that_do_not_count_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standings = ["COUNTED", "EXCLUDED", "COUNTED", "SUSPECTED"]
    votes = zip(samples.VOTES, standings, strict=False)
    rows = [row_of("evenhand", number, *each) for number, each in enumerate(votes)]
    path = tmp_path / "votes.csv"
    writers.write(path, ".csv", FORMATS["evenhand"].columns, rows)
    assert main(["rate", str(path), "--style", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert "2 rows are left out: votes that the arena does not count." in captured.err
    assert "style: the answers never differ in headers; it is left out." in captured.err
    assert {row["model"]: row["votes"] for row in json.loads(captured.out)} == {"ada": 2, "bea": 2}


def test_conversations_without_a_vote_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row_of("comparia", number, said) for number, said in enumerate(samples.VOTES)]
    rows[3] |= {"chosen_model_name": None, "both_equal": False}
    rows[5] |= {"chosen_model_name": "somebody else", "both_equal": False}
    path = samples.write(tmp_path / "votes.jsonl", [{**row, "timestamp": ""} for row in rows])
    assert main(["rate", str(path)]) == 0
    error = capsys.readouterr().err
    assert "1 row is left out: conversations without a vote." in error
    assert "row 6 (line 6): chosen_model_name is neither of the two models" in error


def reaction(turn: int, side: str, thumb: str, names: tuple[str, str] = ("x", "y")) -> Any:
    """A row of compar:IA's reactions, with the columns that tell who is preferred."""
    return {
        "model_a_name": names[0], "model_b_name": names[1], "conversation_pair_id": "c1",
        "msg_rank": turn, "model_pos": side, "visitor_id": "v1", "liked": thumb == "up",
        "disliked": True if thumb == "down" else None, "timestamp": "2025-01-02 03:04:05",
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_thumbs_for_the_answers_of_a_turn_are_one_vote(
    suffix: str, board: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        reaction(1, "a", "up"), reaction(1, "b", "down"),  # x wins, once
        reaction(2, "b", "up"),  # y wins
        reaction(3, "a", "down"),  # y wins
        reaction(4, "a", "up"), reaction(4, "b", "up"),  # a tie
        reaction(5, "a", "down"), reaction(5, "b", "down"),  # both bad
        reaction(6, "b", "up"), reaction(6, "b", "down"),  # changed her mind: x wins
        reaction(7, "a", "none"),
    ]  # fmt: skip
    path, plain = tmp_path / f"reactions{suffix}", tmp_path / "votes.csv"
    if suffix == ".parquet":
        write_parquet(rows, path)
    else:
        samples.write(path, rows)
    votes = ["model_a", "model_b", "model_b", "tie", "both_bad", "model_a"]
    plain.write_text("model_a,model_b,winner\n" + "\n".join(f"x,y,{won}" for won in votes))
    expected = board(plain)
    assert main(["rate", str(path), "--format", "json", "--strict"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == expected
    assert "4 rows are left out: further thumbs for the same two answers" in captured.err
    assert "1 row is left out: reactions without a thumb." in captured.err
    assert "--cluster visitor_id takes those of one voter together." in captured.err


def as_csv(rows: list[dict[str, str]]) -> bytes:
    return CROWD.read_bytes()


def as_tsv(rows: list[dict[str, str]]) -> bytes:
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


def as_json(rows: list[dict[str, str]]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def as_json_lines(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.mark.parametrize("write", [as_csv, as_tsv, as_json, as_json_lines])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_read_whatever_it_is(
    write: Callable[[list[dict[str, str]]], bytes],
    pack: Callable[[bytes], bytes],
    board: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = SimpleNamespace(buffer=io.BytesIO(pack(write(rows_of_crowd()))))
    whole = board(CROWD)
    monkeypatch.setattr("sys.stdin", given)
    assert board("-", "--strict") == whole


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_may_be_parquet_or_tallies(
    pack: Callable[[bytes], bytes], board: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(rows_of_crowd(), tmp_path / "votes.parquet")
    content = pack((tmp_path / "votes.parquet").read_bytes())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert board("-") == board(CROWD) == board(gzipped(tmp_path / "votes.parquet"))
    tallies = json.dumps({"models": ["x", "y"], "X": [[0, 1]], "Y": [[1, 2, 3, 4]]}).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(tallies)))
    assert [row["model"] for row in board("--tallies", "-")] == ["y", "x"]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(tallies)))
    assert main(["rate", "-"]) == 1


def test_tab_separated_values_are_read(board: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.tsv"
    path.write_bytes(as_tsv(rows_of_crowd()))
    assert board(path, "--style") == board(gzipped(path), "--style") == board(CROWD, "--style")


def test_answers_as_numpy_writes_them_are_read(board: Any, tmp_path: Path) -> None:
    rows = [
        {**row, **{f"response_{side}": repr([row[f"response_{side}"]]) for side in "ab"}}
        for row in rows_of_crowd()
    ]
    path = samples.write(tmp_path / "votes.csv", rows)
    assert board(path, "--style") == board(CROWD, "--style")


@pytest.mark.parametrize("format", ["fastchat-log", "comparia-turns"])
def test_logs_and_turns_are_read_from_standard_input(
    format: str, board: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = samples.write(tmp_path / "votes.jsonl", samples.rows(format))
    given = SimpleNamespace(buffer=io.BytesIO(gzip.compress(path.read_bytes())))
    monkeypatch.setattr("sys.stdin", given)
    rows = board("-", "--strict")
    assert [row["score"] for row in rows] == pytest.approx(scores(samples.TALLIES))
    assert board(path, "--decay", "30")[0]["votes"] == rows[0]["votes"]


def test_bad_line_of_a_log_is_named(
    complaint: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = samples.rows("fastchat-log")
    rows[3]["states"] = None
    path = samples.write(tmp_path / "conv.jsonl", rows)
    why = "row 4 (line 4): it lacks its two 'models' or its two 'states'"
    assert why in complaint("rate", path, "--strict")
    assert main(["rate", str(path)]) == 0
    assert f"1 bad row is left out (--strict stops); the first: {why}." in capsys.readouterr().err


def test_style_of_turns_is_of_their_answers(board: Any, tmp_path: Path) -> None:
    rows = samples.rows("comparia-turns")
    rows[0]["response_a"][1]["content"] = "Oak. " * 9
    path = samples.write(tmp_path / "turns.jsonl", rows)
    assert {row["model"] for row in board(path, "--style")} == set(NAMES)
