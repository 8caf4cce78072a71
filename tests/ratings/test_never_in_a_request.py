"""Ratings are computed by the background worker: no page, file or API answer fits a model or
inverts a matrix."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from django.conf import LazySettings
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from arena.importing.formats import FORMATS
from arena.importing.intake import bring_in
from arena.models import Campaign, Contestant
from ratings import freshness
from ratings.archive import results
from ratings.archive.results import result_of
from ratings.core.questions.compare import compare, simultaneous_gaps
from ratings.findings import open_closed
from ratings.models import Board, Covariance, Rating, ResponseTime, Snapshot
from ratings.pages import open_closed as open_closed_page
from ratings.pages import statistics as statistics_page
from ratings.presentation.board_view import BoardView
from ratings.presentation.on_board import on_board
from ratings.presentation.sentences import WIDEST
from ratings.refreshing import covariances, drafts
from ratings.static_site.writing import StaticSite
from tests import database
from tests.arena.importing.samples import write

from .pages.test_addresses import filled, patterns

pytestmark = pytest.mark.django_db(transaction=True)
MODELS = (
    "gpt-4-0314", "claude-2.1", "gpt-3.5-turbo-0613", "gemini-pro", "mistral-medium",
    "llama-2-70b-chat", "llama-2-13b-chat", "mixtral-8x7b-instruct-v0.1", "vicuna-13b",
    "gpt-4-0613", "claude-2.0", "chatglm-6b", "yi-34b-chat", "vicuna-7b", "llama-2-7b-chat",
    "dolly-v2-12b",
)  # fmt: skip
ITEMS = 180
# Modules of ratings.core that fit, and functions of others that invert, simulate or refit.
FITTING = ("fit.", "methods.bradley_terry", "methods.style", "methods.elo_ratings",
           "methods.bootstrap", "methods.report", "uncertainty.covariance",
           "uncertainty.multinomial", "questions.fragility", "questions.voter_")  # fmt: skip
REFITTING = {"critical_value", "simultaneous_quantile", "matchmaking_weights", "krippendorff_alpha"}
MATRICES = {
    np.linalg: ("inv", "pinv", "solve", "lstsq", "cholesky", "eigh", "eig", "svd", "qr"),
    scipy.linalg: ("inv", "pinv", "solve", "lstsq", "cho_factor", "cho_solve", "lu_factor", "eigh"),
}


def votes_on(item: int, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Of five voters, most for the better of two models."""
    better, worse = sorted(rng.choice(len(MODELS), 2, replace=False).tolist())
    for voter in range(5):
        winner = rng.choice(["model_a", "model_b", "tie", "both_bad"], p=[0.6, 0.25, 0.1, 0.05])
        yield {
            "id": f"v{item}-{voter}", "model_a": MODELS[better], "model_b": MODELS[worse],
            "winner": str(winner), "voter": f"w{voter}", "item": f"p{item}",
            "language": "German" if item % 2 else "English",
            "timestamp": f"2024-0{1 + item % 3}-03T04:05:06Z",
        }  # fmt: skip


def rate(folder: Path) -> None:
    """A board that has all findings: of known models, in two publications, with slices."""
    rng = np.random.default_rng(3)
    made = [vote for item in range(ITEMS) for vote in votes_on(item, rng)]
    Campaign.objects.create(
        slug="full", name="Full", kind=Campaign.Kind.IMPORTED, questions="mixtral behind gpt-4"
    )
    for name, part in (("first", made[: len(made) // 2]), ("second", made[len(made) // 2 :])):
        bring_in(FORMATS["csv"], write(folder / f"{name}.csv", part), "full")
        drafts.refresh_all()
    for price, one in enumerate(Contestant.objects.order_by("pk"), start=1):
        ResponseTime.objects.create(
            contestant=one, median_s=price, answers=50, counted=50, read=99, written=300
        )
        Contestant.objects.filter(pk=one.pk).update(input_price=price, output_price=price)


@pytest.fixture(autouse=True)
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests change what is stored, which is otherwise read once per process."""
    monkeypatch.setattr(results, "_results", results.Results())


@pytest.fixture
def full(settings: LazySettings, tmp_path: Path) -> Campaign:
    settings.SLICE_VOTES = 50
    settings.PUBLISH_EVERY = timedelta(0)
    database.once("full", lambda: rate(tmp_path))
    return Campaign.objects.get(slug="full")


def overall(campaign: Campaign) -> Snapshot:
    found = campaign.boards.get(slug="overall").newest()
    assert found is not None
    return found


def is_fitting(function: object) -> bool:
    module = getattr(function, "__module__", "") or ""
    if not isinstance(function, FunctionType) or not module.startswith("ratings.core."):
        return False
    inside = module.removeprefix("ratings.core.")
    return inside.startswith(FITTING) or function.__name__ in REFITTING


@pytest.fixture
def no_fits(full: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, wherever a function that fits was imported to, it raises."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A request fits a model or inverts a matrix.")

    for name, module in list(sys.modules.items()):
        for key, value in list(vars(module).items()) if name.startswith("ratings.") else ():
            if is_fitting(value):
                monkeypatch.setattr(module, key, refuse)
    for library, functions in MATRICES.items():
        for function in functions:
            monkeypatch.setattr(library, function, refuse)
    freshness.clear()


def addresses(campaign: Campaign) -> list[str]:
    """All addresses of leaderboards and the API."""
    first = Snapshot.objects.filter(board__slug="overall").earliest("pk").public_id
    routes = [route for route, _ in patterns(get_resolver().url_patterns)]
    routes = [one for one in routes if one.startswith(("leaderboard/", "api/")) and "[" not in one]
    found = [filled(route, first).replace("/arena/", "/full/") for route in routes]
    best, other = BoardView(overall(campaign)).all_lines[:2]
    slugs = best.contestant.slug, other.contestant.slug
    found = [one.replace("/ada", f"/{slugs[0]}") for one in found if "<path:" not in one]
    found = [one.replace("a=ada&b=bea", "a={}&b={}".format(*slugs)) for one in found]
    base = "/leaderboard/full/"
    snapshot = Snapshot.objects.exclude(published=None)
    return [
        *found,
        *(f"{base}?slice={one.slice}" for one in Board.objects.exclude(slice="overall")),
        *(f"{base}?{query}" for query in ("style=on", "method=elo", "ties=davidson", "q=llama")),
        f"{base}?on={snapshot.earliest('pk').created:%Y-%m-%d}",
        *(f"/leaderboard/snapshots/{one.public_id}/" for one in snapshot),
        *(f"/api/v1/snapshots/{one.public_id}/" for one in snapshot),
        f"{base}compare/?a={slugs[1]}&b={slugs[0]}",
        f"{base}compare/by-slice.csv?a={slugs[1]}&b={slugs[0]}",
    ]


def test_board_of_these_tests_has_all_findings(full: Campaign) -> None:
    snapshot = overall(full)
    pages = open_closed_page, statistics_page
    figures = [figure for page in pages for figure in page.figures_of(snapshot)]
    without = {figure.name: figure.absent for figure in figures if figure.drawing is None}
    assert without == {}
    assert len(figures) == 22


@pytest.mark.usefixtures("no_fits")
def test_no_page_and_no_answer_of_the_api_fits_a_model(full: Campaign, client: Client) -> None:
    every = addresses(full)
    for address in every:
        response = client.get(address)
        assert (address, response.status_code) in [(address, status) for status in (200, 302)]
    assert len(every) > 60


@pytest.mark.usefixtures("no_fits")
def test_reveal_of_a_battle_fits_no_model(full: Campaign) -> None:
    best, *_, other = [line.contestant for line in BoardView(overall(full)).all_lines]
    found = on_board(full, best, other)
    assert found is not None
    assert found.comparison is not None
    assert found.comparison.separated


@pytest.mark.usefixtures("no_fits")
def test_static_site_fits_no_model(full: Campaign, tmp_path: Path) -> None:
    site = StaticSite(full, tmp_path)
    site.write()
    assert site.pages > 20


def test_tests_of_this_file_would_notice_a_fit(no_fits: None, full: Campaign) -> None:
    with pytest.raises(AssertionError, match="fits a model"):
        result_of(overall(full)).content.rate()


def test_stored_covariance_tells_what_a_fit_would(full: Campaign) -> None:
    result = result_of(overall(full))
    fitted = result.content.rate().ratings
    for a in range(len(MODELS)):
        for b in range(a):
            assert vars(compare(result.ratings, a, b)) == pytest.approx(
                vars(compare(fitted, a, b)), rel=1e-9
            )
    kept, exact = simultaneous_gaps(result.ratings), simultaneous_gaps(fitted)
    np.testing.assert_allclose(kept.lower, exact.lower, rtol=1e-9)
    assert result.ratings.order.tolist() == fitted.order.tolist()


def test_large_board_keeps_what_its_figures_name(
    full: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a board with more models than are kept, the figures still have exact intervals."""
    snapshot = overall(full)
    lines = BoardView(snapshot).all_lines
    before = open_closed.figures(snapshot, lines, result_of(snapshot))
    monkeypatch.setattr(covariances, "MOST", 12)
    Covariance.objects.all().delete()
    [again] = [one for one in drafts.refresh_all() if one.board == snapshot.board]
    kept = result_of(again)
    assert len(np.frombuffer(Covariance.objects.get(snapshot=again).members, "<i4")) == 12
    after = open_closed.figures(again, BoardView(again).all_lines, kept)
    for name in ("families", "gap-by-release"):
        [one], [other] = ([f for f in figures if f.name == name] for figures in (before, after))
        assert (other.title, other.note, other.rows) == (one.title, one.note, one.rows)


def test_gap_that_is_not_kept_has_the_widest_interval(
    full: Campaign, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = result_of(overall(full)).ratings
    monkeypatch.setattr(covariances, "MOST", 2)
    Covariance.objects.all().delete()
    drafts.refresh_all()
    freshness.clear()
    kept = result_of(overall(full)).ratings
    a, b = [i for i in exact.order.tolist() if not kept.is_exact(i)][:2]
    wide, narrow = compare(kept, a, b), compare(exact, a, b)
    assert wide.gap == pytest.approx(narrow.gap)
    assert wide.gap_lower < narrow.gap_lower < narrow.gap_upper < wide.gap_upper
    half = sum(exact.upper[i] - exact.scores[i] for i in (a, b))
    assert wide.gap_upper - wide.gap == pytest.approx(half)
    slugs = [result_of(overall(full)).content.models[i]["slug"] for i in (a, b)]
    query = "a={}&b={}".format(*slugs)
    page = client.get(f"/leaderboard/full/compare/?{query}").content.decode()
    assert "Predicted from all votes, at its widest" in page
    answer = client.get(f"/api/v1/campaigns/full/compare/?{query}").json()
    assert answer["exact"] is False
    assert answer["gap_lower"] == pytest.approx(wide.gap_lower)


@pytest.mark.usefixtures("no_fits")
def test_snapshot_of_an_older_version_is_shown_with_the_widest_intervals(
    full: Campaign, client: Client
) -> None:
    Covariance.objects.all().delete()
    page = client.get("/leaderboard/full/open-and-closed/").content.decode()
    assert page.count(str(WIDEST)) == 2
    assert client.get("/leaderboard/full/compare/").status_code == 200


def test_snapshot_of_an_older_version_is_rated_once_more(full: Campaign, client: Client) -> None:
    before = overall(full)
    assert drafts.refresh_all() == []
    Covariance.objects.all().delete()
    [made] = drafts.refresh_all()
    assert (made.board, made.input_sha256) == (before.board, before.input_sha256)
    assert Covariance.objects.filter(snapshot=made).exists()
    assert drafts.refresh_all() == []
    freshness.clear()
    page = client.get("/leaderboard/full/open-and-closed/").content.decode()
    assert str(WIDEST) not in page


def test_snapshot_without_tiers_is_rated_once_more(full: Campaign) -> None:
    Rating.objects.update(tier=None)  # as an older version left it
    [made] = drafts.refresh_all()
    assert made.board.slug == "overall"
    assert not made.ratings.filter(tier=None, score__isnull=False).exists()
    assert drafts.refresh_all() == []


def test_covariances_of_old_snapshots_are_not_kept(full: Campaign) -> None:
    for _ in range(4):
        Snapshot.objects.filter(pk=overall(full).pk).update(input_sha256="", fingerprint="")
        Snapshot.objects.update(created=timezone.now() - timedelta(hours=1))
        drafts.refresh_all()
    assert Snapshot.objects.filter(board__slug="overall").exclude(published=None).count() > 4
    assert Covariance.objects.filter(snapshot__board__slug="overall").count() == 2


def test_covariance_of_the_newest_publication_is_kept(
    full: Campaign, settings: LazySettings
) -> None:
    """Reports are of it."""
    settings.PUBLISH_EVERY = timedelta(days=1)
    for _ in range(4):
        Snapshot.objects.filter(pk=overall(full).pk).update(input_sha256="", fingerprint="")
        Snapshot.objects.update(created=timezone.now() - timedelta(hours=1))
        drafts.refresh_all()
    published = Snapshot.objects.filter(board__slug="overall").exclude(published=None)
    kept = Covariance.objects.filter(snapshot__board__slug="overall").order_by("snapshot_id")
    assert kept[0].snapshot == published.latest("pk")
    assert kept.count() == 3
