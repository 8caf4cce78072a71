"""The real Chatbot Arena of August 2024: 1.67 million votes on 129 models."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from ratings.core import Ratings, Tallies, bradley_terry
from ratings.core.questions.calibration import calibration
from ratings.core.questions.compare import compare
from ratings.core.questions.fragility import fragility
from tests.peers.child import rate_files
from tests.ratings.core.real_votes import august_2024

TOP_TEN = [
    "chatgpt-4o-latest",
    "gemini-1.5-pro-exp-0801",
    "gpt-4o-2024-05-13",
    "gpt-4o-mini-2024-07-18",
    "claude-3-5-sonnet-20240620",
    "gemini-advanced-0514",
    "llama-3.1-405b-instruct",
    "gpt-4o-2024-08-06",
    "gemini-1.5-pro-api-0514",
    "gemini-1.5-pro-api-0409-preview",
]
BEST_CLOSED, BEST_OPEN = "chatgpt-4o-latest", "llama-3.1-405b-instruct"


@pytest.fixture(scope="module")
def models() -> list[str]:
    names: list[str] = json.loads(august_2024().read_text())["models"]
    return names


@pytest.fixture(scope="module")
def tallies(models: list[str]) -> Tallies:
    content = json.loads(august_2024().read_text())
    return Tallies.from_counts(content["X"], content["Y"], len(models))


@pytest.fixture(scope="module")
def ratings(tallies: Tallies) -> Ratings:
    return bradley_terry(tallies)


def test_real_arena_is_read_completely(tallies: Tallies) -> None:
    assert tallies.n_models == 129
    assert tallies.n_votes == pytest.approx(1.67e6, rel=0.01)


def test_real_arena_top_ten(ratings: Ratings, models: list[str]) -> None:
    assert [models[i] for i in ratings.order[:10]] == TOP_TEN
    assert ratings.rated.all()
    # The published leaderboard of that week is on the same scale with another anchor; its leader
    # was 17 points ahead of the second.
    assert ratings.scores[ratings.order[0]] - ratings.scores[ratings.order[1]] == pytest.approx(
        17, abs=1
    )


def test_real_arena_scores_and_intervals_equal_arena_ranks(
    tallies: Tallies, ratings: Ratings, models: list[str], tmp_path: Path
) -> None:
    names, counts = np.array(models)[tallies.pairs], tallies.counts.astype(np.int64)
    winner = np.tile(["model_a", "model_b", "tie", "both_bad"], len(counts))
    columns = {"model_a": names[:, 0].repeat(4), "model_b": names[:, 1].repeat(4), "winner": winner}
    single = pandas.DataFrame(columns).loc[np.arange(counts.size).repeat(counts.ravel())]
    single.to_parquet(tmp_path / "votes.parquet")
    (theirs,) = rate_files(tmp_path / "votes.parquet")
    assert theirs.votes == tallies.n_votes
    shift = np.mean(list(theirs.scores.values())) - 1000
    np.testing.assert_allclose(
        [theirs.scores[model] - shift for model in models], ratings.scores, atol=1e-6
    )
    np.testing.assert_allclose(
        [theirs.upper[model] - shift for model in models], ratings.upper, atol=2e-2
    )


def test_real_arena_leader_is_alone_and_the_pack_is_not(ratings: Ratings) -> None:
    best = ratings.order
    assert ratings.rank_low[best[0]] == ratings.rank_high[best[0]] == ratings.rank_ub[best[0]] == 1
    assert ratings.rank_low[best[3]] == 4
    assert ratings.rank_high[best[3]] > 4


def test_real_arena_gap_between_closed_and_open(ratings: Ratings, models: list[str]) -> None:
    gap = compare(ratings, models.index(BEST_CLOSED), models.index(BEST_OPEN))
    assert gap.gap == pytest.approx(51.7, abs=0.5)
    assert 44 < gap.gap_lower < gap.gap_upper < 60
    assert gap.probability == pytest.approx(0.574, abs=0.002)


@pytest.mark.parametrize("ties", ["davidson", "rao-kupper"])
def test_real_arena_leader_does_not_depend_on_the_reading_of_ties(
    ties: str, tallies: Tallies, models: list[str]
) -> None:
    result = bradley_terry(tallies, ties="davidson" if ties == "davidson" else "rao-kupper")
    assert [models[i] for i in result.order[:3]] == TOP_TEN[:3]


def test_real_arena_is_well_calibrated_by_group_and_less_so_by_pair(
    tallies: Tallies, ratings: Ratings
) -> None:
    fit = calibration(tallies, ratings)
    assert fit.error < 0.003
    assert fit.by_pair == pytest.approx(0.0141, abs=0.0005)
    assert fit.chance == pytest.approx(0.0113, abs=0.0005)
    assert fit.misfit == pytest.approx(1.48, abs=0.05)


def test_real_arena_first_place_is_not_decided_by_a_handful(tallies: Tallies) -> None:
    votes = fragility(tallies, top=4).votes
    assert votes[0] > 100
    assert np.isfinite(votes).all()
