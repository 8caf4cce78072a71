"""`compare`, `agreement`, `voters`, and the module as a program."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ratings.cli.main import main
from ratings.core import bradley_terry
from ratings.core.questions.compare import compare
from tests.ratings.cli.crowd import CROWD, KEYS, crowd_tallies, rows_of_crowd


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


def test_compare_takes_the_options_of_rate(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def gap(*arguments: str | Path) -> tuple[float, float]:
        assert main(["compare", *map(str, arguments), "--format", "json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        return row["score_gap"], row["gap_upper"]

    judges = [row["judge"] for row in rows_of_crowd()]
    tallies, names = crowd_tallies(voter=[sorted(set(judges)).index(judge) for judge in judges])
    a, b = names.index("Ash"), names.index("Elm")
    path = tmp_path / "tallies.json"
    layout = {"models": names, "X": tallies.pairs.tolist(), "Y": tallies.counts.tolist()}
    path.write_text(json.dumps(layout))
    plain = gap(CROWD, "Ash", "Elm")
    assert gap("--tallies", path, "Ash", "Elm") == pytest.approx(plain)
    clustered = compare(bradley_terry(tallies, covariance="clustered"), a, b)
    expected = pytest.approx((clustered.gap, clustered.gap_upper))
    assert gap(CROWD, "Ash", "Elm", "--cluster", "judge") == expected
    assert gap("--cluster", "judge", CROWD, "Ash", "Elm") == expected
    davidson = compare(bradley_terry(tallies, ties="davidson"), a, b)
    assert gap(CROWD, "--ties", "davidson", "Ash", "Elm")[0] == pytest.approx(davidson.gap)


def test_compare_unknown_model_is_named(complaint: Any) -> None:
    assert (
        complaint("compare", CROWD, "Ash", "Oak", "--cluster", "judge")
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
    by_pair = figures["calibration error by pair"]
    assert by_pair["value"] >= figures["calibration error"]["value"]
    assert figures["calibration error by pair, of chance alone"]["value"] > 0
    assert figures["chi-square per degree of freedom, of pairs"]["value"] > 0


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


def test_rate_loads_no_more_of_scipy_than_it_needs() -> None:
    # scipy.stats and scipy.optimize take longer to load than most files take to rate.
    code = "import ratings.cli.main, ratings.cli.rate, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "scipy.sparse" in done.stdout.split()
    assert not {"scipy.stats", "scipy.optimize", "django"} & set(done.stdout.split())


def test_module_runs_without_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None; from ratings.cli.main import main; "
        f"sys.exit(main(['rate', {str(CROWD)!r}, '--format', 'csv']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(",".join(KEYS))


@pytest.mark.parametrize("command", ["rate", "compare", "agreement", "voters", "reproduce"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert f"usage: python -m ratings {command}" in capsys.readouterr().out


def test_module_exit_code_reaches_the_shell() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ratings", "rate", "nowhere.csv"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "ratings: nowhere.csv: no such file.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_that_cannot_be_written_are_escaped(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    names = [("\ud83d", "é"), ("é", "\ud83d")]
    rows = [{"model_a": a, "model_b": b, "winner": "model_a"} for a, b in names]
    path.write_text("\n".join(map(json.dumps, rows)))
    command = [sys.executable, "-m", "ratings", "rate", str(path), "--format", "json"]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    said = done.stdout.decode(encoding)
    assert {row["model"] for row in json.loads(said)} == {"\ud83d", "é"}
    assert ('"é"' in said) == (encoding == "utf-8")
