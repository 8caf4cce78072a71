"""Results as DataFrames have the numbers of the arrays, by name where names are given."""

import sys

import numpy as np
import pandas as pd
import pytest

from ratings.core import RatingsError, Tallies, bradley_terry
from ratings.core.methods.style import style_control
from ratings.core.questions.calibration import calibration
from ratings.core.questions.voter_anomaly import voter_anomalies
from ratings.core.questions.win_rates import met_pairs

NAMES = ("ada", "bea", "cyd", "dot")
A, B, VERDICT = [0, 1, 1, 2, 0, 2, 3], [1, 0, 2, 1, 2, 0, 0], [0, 0, 0, 0, 2, 1, 0]
VOTER = [0, 0, 0, 1, 1, 1, 1]
TALLIES = Tallies.from_votes(A, B, VERDICT, len(NAMES), voter=VOTER)


def test_frame_of_ratings_has_a_row_for_each_model() -> None:
    ratings = bradley_terry(TALLIES)
    frame = ratings.to_frame(NAMES)
    assert isinstance(frame, pd.DataFrame)
    assert [*frame.index] == [*NAMES]
    assert frame["status"].to_dict() == {
        "ada": "rated", "bea": "rated", "cyd": "rated", "dot": "only_wins"
    }  # fmt: skip
    for name in ("scores", "lower", "upper", "rank_low", "rank_high", "tier", "votes", "win_rate"):
        np.testing.assert_array_equal(frame[name], getattr(ratings, name))
    assert [*ratings.to_frame().index] == [0, 1, 2, 3]


def test_frame_without_a_name_for_each_model_is_refused() -> None:
    with pytest.raises(RatingsError, match="2 names, but model 3: each model needs one"):
        bradley_terry(TALLIES).to_frame(["ada", "bea"])


def test_frames_of_questions_name_models() -> None:
    pairs = met_pairs(TALLIES, [0, 1, 2]).to_frame(NAMES)
    assert [*zip(pairs["a"], pairs["b"], strict=True)] == [
        ("ada", "bea"), ("ada", "cyd"), ("bea", "cyd")
    ]  # fmt: skip
    assert pairs["rate"].tolist() == [0.5, 0.75, 0.5]
    fit = calibration(TALLIES, bradley_terry(TALLIES))
    assert fit.to_frame()["votes"].sum() == fit.votes.sum() == 6
    voters = voter_anomalies(TALLIES).to_frame(NAMES)
    assert voters["votes"].tolist() == [3, 4]
    assert voters["model"].isna().all()  # too few votes to test


def test_frame_of_style_has_a_row_for_each_covariate() -> None:
    found = style_control(A[:6], B[:6], VERDICT[:6], [[1], [0], [0], [1], [0], [-1]], 3)
    frame = found.to_frame()
    assert [*frame.index] == ["x0"]
    assert frame.loc["x0", "coefficients"] == found.coefficients[0]


def test_frame_without_pandas_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'evenhand-ratings\[pandas\]'"):
        bradley_terry(TALLIES).to_frame()
