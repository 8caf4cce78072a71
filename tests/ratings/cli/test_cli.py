"""The command line, run as its users do: arguments in; output, messages and exit code out."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow.parquet import write_table

from ratings.cli import tables
from ratings.cli.main import main
from ratings.core import Tallies, bradley_terry

CROWD = Path(__file__).parent / "crowd.csv"
KEYS = ["model", "score", "lower", "upper", "rank_low", "rank_high", "rank_ub", "votes", "win_rate"]


@pytest.fixture
def board(capsys: pytest.CaptureFixture[str]) -> Any:
    def rate(*arguments: str | Path) -> list[dict[str, Any]]:
        assert main(["rate", *map(str, arguments), "--format", "json"]) == 0
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return rows

    return rate


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Any:
    def fail(*arguments: str | Path) -> str:
        assert main([*map(str, arguments)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    return fail


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
    ]
    assert [line.split()[0] for line in lines] == ["Ash", "Birch", "Cedar", "Dogwood", "Elm"]
    assert len({line.index(line.split()[1]) + len(line.split()[1]) for line in lines}) == 1


def test_rate_reads_json_lines_and_parquet_alike(board: Any, tmp_path: Path) -> None:
    rows = rows_of_crowd()
    lines, parquet = tmp_path / "votes.jsonl", tmp_path / "votes.parquet"
    lines.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    write_table(pyarrow.Table.from_pylist(rows), parquet)
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
        write_table(pyarrow.Table.from_pylist(rows), path)
    monkeypatch.setattr(tables, "ROWS_PER_BLOCK", 7)
    assert board(path) == whole


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
    assert "headers" not in captured.err


def test_rate_style_reads_conversations(board: Any, tmp_path: Path) -> None:
    def conversation(answer: str) -> list[dict[str, Any]]:
        return [
            {"role": "user", "content": "a long question that is not counted " * 9},
            {"role": "assistant", "content": [{"type": "text", "text": answer}]},
        ]

    flat, nested = tmp_path / "flat.jsonl", tmp_path / "nested.jsonl"
    rows = rows_of_crowd()
    flat.write_text("\n".join(map(json.dumps, rows)))
    for row in rows:
        for side in "ab":
            row[f"conversation_{side}"] = conversation(row.pop(f"response_{side}"))  # type: ignore[assignment]
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
    assert "no two models can be rated" in captured.err
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


VOTES = "model_a,model_b,winner,weight\nx,y,model_a,1\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            VOTES + "x,y,modela,1\n",
            "row 2 (line 3): winner 'modela' is none of model_a, model_b, tie",
        ),
        (VOTES + "\n\nx,x,tie,1\n", "row 2 (line 5): 'x' is compared with itself"),
        (VOTES + "x,,tie,1\n", "row 2 (line 3): 'model_b' is empty"),
        (VOTES + "x,y,tie,much\n", "row 2 (line 3): weight 'much' is not a number"),
        (VOTES + "x,y,tie,-1\n", "row 2 (line 3): weight -1 is not a finite number >= 0"),
        (VOTES + "x,y,tie,nan\n", "row 2 (line 3): weight nan is not a finite number >= 0"),
        (VOTES + "x,y\n", "row 2 (line 3): has 2 values, the header 4"),
        ("model_a,winner\nx,tie\n", "no column 'model_b'; the file has model_a, winner"),
        ("model_a,model_b,winner\n", "there are no votes"),
        ("", "the file is empty"),
    ],
)
def test_rate_bad_csv_names_file_and_row(
    content: str, message: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(content)
    error = complaint("rate", path)
    assert error.startswith(f"ratings: {path}")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"model_a": "x", "model_b": "y", "winner": "tie"}\n\n{oops\n', "line 3: not JSON"),
        ('{"model_a": "x", "model_b": "y", "winner": "tie"}\n[1]\n', "line 2: not a JSON object"),
        (
            '{"model_a": "x", "model_b": "y", "winner": "tie"}\n{"model_a": 1}\n',
            "line 2: no 'model_b'",
        ),
        (
            '\n{"model_a": "x", "model_b": "y", "winner": null}\n',
            "row 1 (line 2): winner None is none",
        ),
        (
            '{"model_a": "x", "model_b": "y", "winner": ["tie"]}\n',
            "line 1): winner ['tie'] is none",
        ),
    ],
)
def test_rate_bad_json_lines_name_file_and_line(
    content: str, message: str, complaint: Any, tmp_path: Path
) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text(content)
    error = complaint("rate", path)
    assert error.startswith(f"ratings: {path}")
    assert message in error


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a JSON file"),
        ("[]", "'models' is none"),
        ('{"models": ["x", "y"], "X": [[0, 1]]}', "'Y' is none"),
        ('{"models": ["x", "y"], "X": [[0, 5]], "Y": [[1, 2, 3, 4]]}', "Row 0: 'b' 5"),
        ('{"models": ["x", "y"], "X": [[0, 1]], "Y": [[1, -2, 3, 4]]}', "Row 0: 'counts'"),
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
    assert "must be a .csv, .jsonl, .parquet file" in complaint("rate", tmp_path / "votes.xlsx")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    assert "not a Parquet file" in complaint("rate", broken)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("model_a,model_b,winner\né,y,tie\n".encode("latin-1"))
    assert "not UTF-8" in complaint("rate", latin)


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
    ],
)
def test_cli_misuse_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("anchor", ["Cedar", "Cedar=", "Cedar=nan", "Cedar=high"])
def test_rate_misspelt_anchor_exits_with_2(anchor: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["rate", str(CROWD), "--anchor", anchor])
    assert exit_.value.code == 2
    assert "write MODEL=SCORE" in capsys.readouterr().err


def test_compare_prints_gap_and_probability(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(CROWD), "Ash", "Elm", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    tallies, names = crowd_tallies()
    ratings = bradley_terry(tallies)
    gap = ratings.scores[names.index("Ash")] - ratings.scores[names.index("Elm")]
    assert row["score_gap"] == pytest.approx(gap)
    assert row["p_a_beats_b"] == pytest.approx(1 / (1 + 10 ** (-gap / 400)))
    assert row["p_lower"] < row["p_a_beats_b"] < row["p_upper"]
    assert row["votes_needed"] == 0
    assert main(["compare", str(CROWD), "Ash", "Elm"]) == 0
    assert "p a beats b" in capsys.readouterr().out


def test_compare_unknown_model_is_named(complaint: Any) -> None:
    assert (
        complaint("compare", CROWD, "Ash", "Oak")
        == f"ratings: {CROWD}: no model is called 'Oak'.\n"
    )


def test_agreement_reports_bias_alpha_and_calibration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", str(CROWD), "--format", "json"]) == 0
    figures = {row["figure"]: row for row in json.loads(capsys.readouterr().out)}
    winners = [row["winner"] for row in rows_of_crowd()]
    assert figures["share of ties"]["value"] == pytest.approx(winners.count("tie") / 240)
    left = figures["left side's share of decided votes"]
    decided = winners.count("model_a") + winners.count("model_b")
    assert left["value"] == pytest.approx(winners.count("model_a") / decided)
    assert left["n"] == decided
    alpha = figures["Krippendorff's alpha of duplicate judgements"]
    assert alpha["n"] == 240
    assert 0 < alpha["lower"] < alpha["value"] < alpha["upper"] < 1
    assert figures["calibration error"]["n"] == 240


def test_agreement_without_duplicates_has_no_alpha(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\nx,y,model_b\n")
    assert main(["agreement", str(path), "--format", "json"]) == 0
    figures = {row["figure"]: row for row in json.loads(capsys.readouterr().out)}
    assert figures["Krippendorff's alpha of duplicate judgements"]["value"] is None


def test_voters_flags_who_always_votes_for_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "votes.csv"
    rigged = "".join(f"q{i},Elm,Ash,model_a,mole,,,\n" for i in range(30))
    path.write_text(CROWD.read_text() + rigged)
    assert main(["voters", str(path), "--format", "json"]) == 0
    first, *others = json.loads(capsys.readouterr().out)
    assert (first["voter"], first["flagged"], first["votes"]) == ("mole", True, 30)
    assert (first["tendency"], first["model"]) in [("for", "Elm"), ("against", "Ash")]
    assert abs(first["moves_points"]) > max(abs(row["moves_points"]) for row in others)


def test_voters_without_judges_says_so(complaint: Any, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nx,y,model_a\n")
    assert "no column 'judge'" in complaint("voters", path)


def test_module_runs_without_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None; from ratings.cli.main import main; "
        f"sys.exit(main(['rate', {str(CROWD)!r}, '--format', 'csv']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(",".join(KEYS))


def test_module_exit_code_reaches_the_shell() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ratings", "rate", "nowhere.csv"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "ratings: nowhere.csv: no such file.\n"
