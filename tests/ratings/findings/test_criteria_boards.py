"""A campaign's criteria beside the ranking of all votes."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest
from django.conf import LazySettings
from django.test import Client

from arena.models import Campaign, Contestant
from ratings.charts import Whisker
from ratings.findings import by_slice, criteria_boards
from ratings.findings.by_slice import Part
from ratings.models import Board, Snapshot
from ratings.pages.finding import overall
from ratings.presentation.slice_view import source_of
from ratings.refreshing import drafts
from tests import factories

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 100  # votes on a pair


@pytest.fixture
def models(campaign: Campaign) -> list[Contestant]:
    return [factories.contestant(name) for name in ("Ada", "Bea", "Cy", "Dee", "Eve")]


def rate(campaign: Campaign, order: list[Contestant], slice: str) -> None:
    """Votes by which the first of the models is the best."""
    for n, (better, worse) in enumerate(combinations(order, 2)):
        wins = 60 + n
        counts = (wins, EACH - wins) if better.pk < worse.pk else (EACH - wins, wins)
        first, second = sorted((better, worse), key=lambda one: one.pk)
        tally(campaign, first, second, *counts, 0, 0, slice=slice)


@pytest.fixture
def asked(campaign: Campaign, models: list[Contestant], settings: LazySettings) -> Snapshot:
    settings.PUBLISH_EVERY = timedelta(0)
    rate(campaign, models, "overall")
    rate(campaign, models, "criterion-clear")
    rate(campaign, models[::-1], "criterion-creative")
    tally(campaign, models[0], models[1], 5, 5, 0, 0, slice="criterion-accurate")
    drafts.refresh_all()
    found = overall(campaign)
    assert found is not None
    return found


def test_correlation_is_told_for_each_criterion_with_votes_enough(asked: Snapshot) -> None:
    figure, _ = criteria_boards.figures(asked)
    assert figure.title == (
        "Rank correlation with the overall ranking: -1.00 to 1.00; none of the criteria is clearly "
        "closer to it than another."
    )
    assert figure.rows == [
        ("Clarity", "5 models", "1.00", "-0.17", "1.00"),
        ("Creativity", "5 models", "-1.00", "-1.00", "0.17"),
    ]
    assert "Too few votes for a ranking: Accuracy (10 votes)." in figure.note


def test_scores_stand_beside_those_of_all_votes(asked: Snapshot) -> None:
    _, figure = criteria_boards.figures(asked)
    assert list(figure.columns) == ["Model", "All votes", "Clarity", "Creativity"]
    assert [row[0] for row in figure.rows] == ["Ada", "Bea", "Cy", "Dee", "Eve"]
    best = figure.rows[0]
    assert best[1] == best[2] != best[3]
    assert all(" ± " in number for number in best[1:])


def test_criteria_are_told_apart_by_their_intervals() -> None:
    near, far = Whisker("Clarity", 0.98, 0.9, 1.0), Whisker("Safety", 0.3, -0.2, 0.7)
    assert criteria_boards._title([near, far]) == (
        "Rank correlation with the overall ranking: 0.30 (Safety) to 0.98 (Clarity)."
    )


def test_scores_by_criterion_have_the_mean_that_their_models_have_over_all_votes() -> None:
    """The mean of a board is 1,000, whichever models are on it."""
    overall = {1: (1100.0, 5.0), 2: (1000.0, 5.0), 3: (900.0, 5.0)}
    part = Part(Board(slice="criterion-clear"), None)
    best = criteria_boards.Rated(part, {1: (1050.0, 9.0), 2: (950.0, 9.0)}, overall)
    assert best.comparable == {1: (1100.0, 9.0), 2: (1000.0, 9.0)}


def test_campaign_that_asks_nothing_has_no_such_figure(
    campaign: Campaign, models: list[Contestant]
) -> None:
    rate(campaign, models, "overall")
    drafts.refresh_all()
    found = overall(campaign)
    assert found is not None
    assert criteria_boards.figures(found) == []


def test_few_models_have_no_correlation(
    campaign: Campaign, models: list[Contestant], settings: LazySettings
) -> None:
    settings.SLICE_VOTES = 50
    for name in ("overall", "criterion-clear"):
        rate(campaign, models[:3], name)
    drafts.refresh_all()
    found = overall(campaign)
    assert found is not None
    figure, scores = criteria_boards.figures(found)
    assert figure.drawing is None
    assert "needs 4 models" in figure.absent
    assert scores.drawing


def test_pages_show_them_and_their_numbers(asked: Snapshot, client: Client) -> None:
    page = client.get("/leaderboard/arena/statistics/").content.decode()
    assert page.index('id="criteria"') < page.index('id="criteria-scores"')
    table = client.get("/leaderboard/arena/statistics/criteria-scores.csv").content.decode()
    assert table.splitlines()[0] == "Model,All votes,Clarity,Creativity"
    board = client.get("/leaderboard/arena/?slice=criterion-clear").content.decode()
    assert "Clarity: " in board
    assert "Voters may leave this question out: “Which answer is clearer?”" in board
    assert '<optgroup label="Criterion">' in board
    listed = client.get("/api/v1/campaigns/arena/slices/").json()
    groups = {one["slice"]: one["group"] for one in listed["results"]}
    assert groups["criterion-clear"] == "criterion"


def test_criteria_are_no_parts_of_the_votes(asked: Snapshot) -> None:
    parts = by_slice.parts_of(asked.board.campaign)
    assert not [part for part in parts if part.board.slice.startswith("criterion-")]


def test_page_of_a_criterion_that_was_retired_says_nothing_of_its_question(
    campaign: Campaign,
) -> None:
    assert source_of(campaign, "criterion-gone") == ""
