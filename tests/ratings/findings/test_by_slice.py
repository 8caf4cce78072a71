"""Comparisons by slice: open against closed models, one model, two models."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from arena.models import Campaign, Contestant
from ratings.charts import Whisker
from ratings.findings import by_slice
from ratings.pages.finding import overall
from ratings.presentation import sentences
from ratings.refreshing import drafts

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rated(
    campaign: Campaign, contestants: list[Contestant], votes: None, settings: LazySettings
) -> None:
    """Bea, the closed model, wins at coding, though Ada leads overall; maths has too few votes."""
    settings.SLICE_VOTES = 300
    settings.PUBLISH_EVERY = timedelta(0)
    a, b, c = contestants
    tally(campaign, a, b, 40, 160, 0, 0, slice="coding")
    tally(campaign, b, c, 160, 40, 0, 0, slice="coding")
    tally(campaign, a, c, 99, 101, 0, 0, slice="coding")  # a tie would be broken by rounding
    tally(campaign, a, b, 60, 61, 0, 0, slice="language-de")
    tally(campaign, b, c, 60, 61, 0, 0, slice="language-de")
    tally(campaign, a, c, 60, 60, 0, 0, slice="language-de")
    tally(campaign, a, b, 5, 3, 2, 0, slice="maths")
    drafts.refresh_all()


@pytest.mark.usefixtures("rated")
def test_gap_by_slice_counts_where_each_kind_is_ahead(campaign: Campaign) -> None:
    figure = by_slice.open_closed(campaign)
    assert figure.title == (
        "The best closed model is ahead in 1 of 2 categories. In the others the votes do not "
        "separate them."
    )
    gaps = {row[0]: float(row[2]) for row in figure.rows}
    assert gaps["Coding"] == pytest.approx(-241, abs=2)
    assert abs(gaps["German"]) < 10
    assert "Too few votes for a ranking: Maths (10 votes)." in figure.note


@pytest.mark.usefixtures("rated")
def test_strength_is_measured_against_the_same_models(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    ada, bea, _ = contestants
    snapshot = overall(campaign)
    assert "Bea does better in Coding than overall." in by_slice.strengths(
        campaign, bea, snapshot
    ).title.replace(" and worse in German", "")
    assert "Ada does worse in Coding" in by_slice.strengths(campaign, ada, snapshot).title


def test_difference_does_not_depend_on_who_else_is_on_the_board() -> None:
    overall = {1: (1100.0, 3.0), 2: (1000.0, 3.0), 3: (900.0, 3.0)}
    inside = {1: (1050.0, 4.0), 2: (950.0, 4.0)}  # as far apart as overall
    assert by_slice.difference(inside, overall, 1) == (0.0, 5.0)
    assert by_slice.difference(inside, overall, 3) is None
    assert by_slice.difference({1: (1000.0, 1.0)}, overall, 1) is None


def test_strength_is_named_only_if_it_holds_among_all_slices() -> None:
    near = Whisker("German", 21.0, 1.0, 41.0)  # alone it would exclude 0
    others = [Whisker(f"Slice {i}", 0.0, -20.0, 20.0) for i in range(9)]
    assert by_slice.strong_and_weak("Ada", [near]) == "Ada does better in German than overall."
    assert "no category" in by_slice.strong_and_weak("Ada", [near, *others])


@pytest.mark.usefixtures("rated")
def test_record_by_slice_is_seen_from_the_first_model(
    campaign: Campaign, contestants: list[Contestant]
) -> None:
    a, b, _ = contestants
    ours, theirs = by_slice.record(campaign, a, b), by_slice.record(campaign, b, a)
    assert [row[:3] for row in ours.rows] == [
        ("Coding", "200 votes", "20.0"),
        ("German", "121 votes", "49.6"),
    ]
    assert [row[2] for row in theirs.rows] == ["80.0", "50.4"]
    assert (
        ours.title
        == theirs.title
        == "Bea is ahead in 1 of 2 categories. In the others the votes do not separate them."
    )


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    ("reveals", "closes", "shown"),
    [
        ("EACH_VOTE", None, 2),
        ("END", None, 0),
        ("NEVER", timedelta(1), 0),
        ("END", -timedelta(1), 2),
    ],
)
def test_votes_between_two_models_are_not_counted_at_once_where_names_are_told_later(
    campaign: Campaign,
    contestants: list[Contestant],
    reveals: str,
    closes: timedelta | None,
    shown: int,
) -> None:
    """Another vote between them would tell its voter the names."""
    campaign.kind, campaign.reveals = Campaign.Kind.PREPARED, reveals
    campaign.closes = timezone.now() + closes if closes else None
    figure = by_slice.record(campaign, contestants[0], contestants[1])
    assert len(figure.rows) == shown
    assert shown or figure.absent.startswith("It is shown once the campaign has closed")


@pytest.mark.usefixtures("votes")
def test_votes_without_slices_say_so(
    campaign: Campaign, contestants: list[Contestant], client: Client
) -> None:
    drafts.refresh_all()
    for path in ("open-and-closed/", "models/ada/", "compare/?a=ada&b=bea"):
        page = client.get(f"/leaderboard/arena/{path}").content.decode()
        assert "No votes are known by category" in page, path


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("compare/by-slice.csv?a=ada&b=bea", "Coding,200 votes,20.0"),
        ("compare/by-slice.csv?a=bea&b=ada", "Coding,200 votes,80.0"),
        ("models/bea/strengths.csv", "Coding,600 votes,"),
        ("models/bea/history.csv", "20"),
        ("open-and-closed/gap-by-slice.csv", 'Coding,"Cy against Bea, 600 votes",-239'),
    ],
)
def test_data_behind_each_figure_can_be_had(client: Client, path: str, first: str) -> None:
    answer = client.get(f"/leaderboard/arena/{path}")
    assert answer.status_code == 200
    assert answer.content.decode().splitlines()[1].startswith(first)
    page = client.get(f"/leaderboard/arena/{path.partition('/')[0]}/")
    assert page.status_code in (200, 404)


@pytest.mark.parametrize(
    ("ahead", "behind", "says"),
    [
        (0, 0, "In none of 5 categories do the votes separate Ada from Bea."),
        (
            2,
            0,
            "Ada is ahead in 2 of 5 categories. In the others the votes do not separate them.",
        ),
        (2, 3, "Ada is ahead in 2 of 5 categories, Bea in 3."),
        (0, 5, "Bea is ahead in 5 of 5 categories."),
    ],
)
def test_slices_are_counted_in_words(ahead: int, behind: int, says: str) -> None:
    said = sentences.of_slices(sentences.TWO_MODELS, ahead, behind, 5, first="Ada", second="Bea")
    assert said == says
