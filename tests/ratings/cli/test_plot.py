"""`--plot`: pictures with the numbers of the table, valid whatever models are called."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from ratings.cli import plot
from ratings.cli.main import main
from tests.ratings.cli.crowd import CROWD

SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path, *arguments: str | Path) -> ElementTree.Element:
    assert main([*map(str, arguments), "--plot", str(path)]) == 0
    return ElementTree.parse(path).getroot()


def texts(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def test_plot_of_a_board_has_its_intervals(board: Any, tmp_path: Path) -> None:
    rows = board(CROWD)
    picture = drawn(tmp_path / "board.svg", "rate", CROWD)
    title, measure, *said = texts(picture)
    assert title == "Any of 2 models may be the best; 3 are behind"
    assert measure == "Score with 95% interval (sandwich), 240 votes of crowd.csv"
    for row in rows:
        assert f"{row['score']:.0f} ({row['lower']:.0f} to {row['upper']:.0f})" in said
    assert [text for text in said if text in ["Ash", "Birch", "Cedar", "Dogwood", "Elm"]] == [
        row["model"] for row in rows
    ]
    circles = [float(circle.attrib["cx"]) for circle in picture.iter(f"{SVG}circle")]
    assert circles == sorted(circles, reverse=True)
    points, pixels = -np.diff([row["score"] for row in rows]), -np.diff(circles)
    assert pixels == pytest.approx(points * pixels.sum() / points.sum(), abs=0.2)


def test_plot_names_who_is_not_rated(tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    votes.write_text("model_a,model_b,winner\nx,y,model_a\ny,x,model_a\nz,x,model_a\n")
    assert "Not rated: z." in texts(drawn(tmp_path / "board.svg", "rate", votes))


def test_plot_of_nothing_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    votes, path = tmp_path / "votes.csv", tmp_path / "board.svg"
    votes.write_text("model_a,model_b,winner\nx,y,model_a\n")
    for command in ("rate", "agreement"):
        assert main([command, str(votes), "--plot", str(path)]) == 0
        assert f"no model is rated: {path} is not written." in capsys.readouterr().err
    assert not path.exists()


def test_plot_of_a_pair_is_the_matrix_of_win_rates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "matrix.svg"
    picture = drawn(path, "compare", CROWD, "Ash", "Elm")
    said = texts(picture)
    finding = "Ash is expected to win 81% of votes against Elm (73% to 86%)"
    assert " ".join(said).startswith(finding)
    cells = [title.text for title in picture.iter(f"{SVG}title")]
    assert len(cells) == 20
    assert "Ash against Elm: 89.3% (72.8% to 96.3%) of 28 votes" in cells
    assert "89" in said
    monkeypatch.setattr(plot, "MOST_MODELS", 2)
    assert "Not drawn, as they are placed lower: Cedar, Dogwood." in texts(
        drawn(path, "compare", CROWD, "Ash", "Elm")
    )


def test_plot_of_agreement_is_the_calibration(tmp_path: Path) -> None:
    picture = drawn(tmp_path / "calibration.svg", "agreement", CROWD)
    said = texts(picture)
    assert said[0].startswith("Favourites win 5.2 points more or less often")
    counted = [int(text.split()[0]) for text in said if text.endswith(" votes")]
    assert sum(counted) == 240
    assert len([*picture.iter(f"{SVG}circle")]) == len(counted)


def test_plot_of_names_that_xml_cannot_write_is_valid(tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    names = ("<script>&", "bell\x07")
    rows = [f"{a},{b},model_a" for a, b in (names, names[::-1])]
    votes.write_text("\n".join(["model_a,model_b,winner", *rows]))
    said = texts(drawn(tmp_path / "board.svg", "rate", votes))
    assert "<script>&" in said
    assert "bell\ufffd" in said


def test_plot_is_svg_or_nothing(tmp_path: Path, complaint: Any) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["rate", str(CROWD), "--plot", "board.png"])
    assert exit_.value.code == 2
    path = tmp_path / "nowhere" / "board.svg"
    assert main(["rate", str(CROWD), "--plot", str(path)]) == 1
