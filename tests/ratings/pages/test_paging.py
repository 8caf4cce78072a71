"""Boards of thousands of models are split into pages."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from arena.models import Campaign, Contestant
from ratings import freshness
from ratings.models import Board, Rating, Snapshot
from ratings.pages import compare
from ratings.presentation import paging
from ratings.refreshing import drafts
from tests import factories

from ..conftest import tally

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/leaderboard/arena/"
MOST_BYTES = 150_000


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)


@pytest.fixture
def four_in_pages_of_two(
    campaign: Campaign, contestants: list[Contestant], votes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    dan = factories.contestant("Dan", access="PROPRIETARY")
    tally(campaign, contestants[2], dan, 20, 10, 0, 0)
    monkeypatch.setattr(paging, "WHOLE", 3)
    monkeypatch.setattr("ratings.presentation.board_view.WHOLE", 3)
    monkeypatch.setattr(paging, "PAGE", 2)
    drafts.refresh_all()


@pytest.fixture
def thousands(campaign: Campaign) -> None:
    """A board of 4,500 models, as if rated."""
    made = Contestant.objects.bulk_create(
        Contestant(
            slug=f"merge-{i}", name=f"A merge with a long name, number {i}", licence="Apache-2.0",
            organisation=f"Organisation {i % 40}", access="OPEN_WEIGHTS", parameters=7 * 10**9,
        )
        for i in range(4500)
    )  # fmt: skip
    board = Board.objects.create(campaign=campaign, slug="overall", slice="overall", votes=9000)
    snapshot = Snapshot.objects.create(board=board, votes=9000, last_vote_id=0)
    Rating.objects.bulk_create(
        Rating(
            snapshot=snapshot, contestant=one, position=i + 1, score=1500.0 - i / 10,
            lower=1300.0 - i / 10, upper=1700.0 - i / 10, rank_low=1, rank_high=4500, votes=4,
            win_rate=0.5, status="rated",
        )
        for i, one in enumerate(made)
    )  # fmt: skip


@pytest.mark.usefixtures("four_in_pages_of_two")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ada", "Bea"]),
        ("?page=2", ["Cy", "Dan"]),
        ("?page=99", ["Cy", "Dan"]),
        ("?page=all", ["Ada", "Bea", "Cy", "Dan"]),
        ("?sort=name&order=down&page=2", ["Bea", "Ada"]),
        ("?q=works", ["Ada", "Bea"]),
        ("?q=dan&page=2", ["Dan"]),
    ],
)
def test_page_of_a_long_board_has_its_lines(
    client: Client, query: str, expected: list[str]
) -> None:
    assert names(client.get(BOARD + query).content.decode()) == expected


@pytest.mark.usefixtures("four_in_pages_of_two")
def test_pager_keeps_what_was_chosen(client: Client) -> None:
    page = client.get(f"{BOARD}?q=works&sort=name").content.decode()
    pager = page[page.index('<nav class="pager"') :].split("</nav>")[0]
    assert "Models 1 to 2 of 4" in pager
    links = re.findall(r'href="([^"]+)"', pager)
    kept = "?q=works&amp;sort=name&amp;page="
    assert links == [f"{kept}2", f"{kept}2", f"{kept}all"]
    everything = client.get(f"{BOARD}?sort=name&page=all").content.decode()
    assert 'href="?sort=name&amp;page=1">Show them in pages' in everything
    assert 'href="?sort=score&amp;page=all" data-swap' in everything
    assert '<input type="hidden" name="page" value="all">' in everything


@pytest.mark.usefixtures("four_in_pages_of_two")
@pytest.mark.parametrize("page", ["0", "-1", "two", "1e3", "²", "9999999"])
def test_page_that_is_none_is_refused_in_words(client: Client, page: str) -> None:
    answer = client.get(BOARD, {"page": page})
    assert answer.status_code == 400
    assert "page may be: a number from 1, or all." in answer.content.decode()


@pytest.mark.usefixtures("four_in_pages_of_two")
def test_files_and_api_have_all_lines_whatever_the_page(client: Client) -> None:
    assert len(client.get(f"{BOARD}leaderboard.csv?page=2").content.decode().splitlines()) == 5
    assert len(client.get(f"{BOARD}data.json?page=2").json()["ratings"]) == 4


@pytest.mark.usefixtures("four_in_pages_of_two")
def test_models_too_many_for_a_list_are_compared_by_name(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{BOARD}compare/"
    assert "<option" in client.get(address, {"a": "ada", "b": "bea"}).content.decode()
    monkeypatch.setattr(compare, "MOST_LISTED", 3)
    freshness.clear()
    page = client.get(address, {"a": "ADA", "b": "Bea"}).content.decode()
    assert "Ada is ahead of Bea" in page
    assert "<option" not in page
    assert 'name="a" value="Ada"' in page
    typed = client.get(address, {"a": "ad", "b": "bea"})
    assert typed.status_code == 404
    assert '<a href="?a=ada&amp;b=bea">Ada</a>' in typed.content.decode()


@pytest.mark.usefixtures("four_in_pages_of_two")
def test_static_copy_of_a_long_board_has_a_file_for_each_page(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    call_command("publish", folder, stdout=StringIO())
    first, second = (
        folder / "leaderboard/arena" / name for name in ("index.html", "pages/2/index.html")
    )
    assert names(first.read_text()) == ["Ada", "Bea"]
    assert names(second.read_text()) == ["Cy", "Dan"]
    assert 'href="pages/2/index.html" rel="next"' in first.read_text()
    assert 'href="../1/index.html" rel="prev"' in second.read_text()
    assert "Show all" not in first.read_text()
    snapshot = Snapshot.objects.get(board__slug="overall", published__isnull=False).public_id
    assert (folder / f"leaderboard/snapshots/{snapshot}/pages/2/index.html").exists()


@pytest.mark.usefixtures("four_in_pages_of_two")
def test_address_of_a_static_page_leads_to_the_live_one(client: Client) -> None:
    assert client.get(f"{BOARD}pages/2/")["Location"] == f"{BOARD}?page=2"


def test_board_of_two_hundred_models_is_one_page() -> None:
    assert paging.page_of([None] * 200, "") is None  # type: ignore[list-item]
    long = paging.page_of([None] * 201, "")  # type: ignore[list-item]
    assert long is not None
    assert (len(long), long.paginator.num_pages) == (100, 3)


@pytest.mark.usefixtures("thousands")
@pytest.mark.parametrize("query", ["", "?page=45", "?q=merge"])
def test_page_of_thousands_of_models_is_small(client: Client, query: str) -> None:
    page = client.get(BOARD + query).content
    assert len(names(page.decode())) == 100
    assert len(page) < MOST_BYTES
