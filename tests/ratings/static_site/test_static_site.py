from __future__ import annotations

import re
from datetime import timedelta
from inspect import unwrap
from io import StringIO
from pathlib import Path
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from arena.models import Campaign, Tally
from ratings import urls
from ratings.models import Snapshot
from ratings.pages.finding import missing
from ratings.pages.public import PublicPage
from ratings.refreshing import drafts
from ratings.static_site import writing

ATOM = "{http://www.w3.org/2005/Atom}"
ABSOLUTE = re.compile(r'[\w-]+="/[^"]*"')
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("votes")
def test_written_site_is_complete_and_relative(tmp_path: Path, campaign: Campaign) -> None:
    drafts.refresh_all()
    folder = tmp_path / "site"
    call_command("publish", folder, stdout=StringIO())
    pages = list(folder.rglob("*.html"))
    assert "Ada leads." in (folder / "index.html").read_text()
    assert len(pages) >= 8
    broken = []
    for page in pages:
        assert ABSOLUTE.findall(page.read_text()) == [], page
        for link in re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text()):
            if not (page.parent / link).exists():
                broken.append((str(page.relative_to(folder)), link))
    assert broken == []
    for needed in ("core", "languages/python"):  # loaded by a script, not by a page
        assert len(list((folder / "static/vendor/highlight").glob(f"{needed}.min.*.js"))) == 1
    board = folder / "leaderboard/arena/index.html"
    assert "Ada leads." in board.read_text()
    assert '<meta property="og:image" content="image.png">' in board.read_text()
    assert (folder / "leaderboard/arena/image.png").read_bytes().startswith(b"\x89PNG")
    public_id = Snapshot.objects.get(board__slug="overall").public_id
    assert (folder / f"leaderboard/snapshots/{public_id}.zip").stat().st_size > 1000


@pytest.mark.usefixtures("votes")
def test_picture_has_the_whole_address_where_it_is_known(tmp_path: Path) -> None:
    drafts.refresh_all()
    folder = tmp_path / "site"
    call_command("publish", folder, "--url", "https://votes.example/2026", stdout=StringIO())
    picture = (
        '<meta property="og:image" content="https://votes.example/2026/leaderboard/arena/image'
    )
    for page in ("index.html", "leaderboard/arena/index.html"):
        assert picture in (folder / page).read_text()


@pytest.mark.usefixtures("votes")
def test_live_pages_and_copies_share_no_links(client: Client, tmp_path: Path) -> None:
    """Though they share what is cached."""
    drafts.refresh_all()
    before = client.get("/leaderboard/arena/?access=open").content
    call_command("publish", tmp_path / "site", stdout=StringIO())
    after = client.get("/leaderboard/arena/?access=closed").content.decode()
    assert client.get("/leaderboard/arena/?access=open").content == before
    assert '<a href="/leaderboard/arena/models/bea/">Bea</a>' in after
    for page, near in (("", "leaderboard/arena/"), ("leaderboard/arena/", "")):
        copy = (tmp_path / "site" / page / "index.html").read_text()
        assert f'<a href="{near}models/bea/index.html">Bea</a>' in copy


@pytest.mark.usefixtures("votes")
@pytest.mark.parametrize(
    ("url", "start", "link"),
    [
        ("", "http://localhost/", "../snapshots/{}/index.html"),
        (
            "https://a.example/c",
            "https://a.example/c/",
            "https://a.example/c/leaderboard/snapshots/{}/index.html",
        ),
    ],
)
def test_feed_of_a_copy_leads_into_it(
    tmp_path: Path, settings: Settings, url: str, start: str, link: str
) -> None:
    settings.PUBLISH_EVERY = timedelta(0)
    drafts.refresh_all()
    Tally.objects.update(ties=40)
    drafts.refresh_all()
    call_command("publish", tmp_path / "site", "--url", url, stdout=StringIO())
    feed = ElementTree.parse(tmp_path / "site/leaderboard/arena/feed.atom").getroot()
    [entry] = feed.findall(f"{ATOM}entry")
    newest = Snapshot.objects.filter(board__slug="overall").first()
    assert newest is not None
    assert entry.findtext(f"{ATOM}id") == f"{start}leaderboard/snapshots/{newest.public_id}/"
    [found] = entry.findall(f"{ATOM}link")
    assert found.get("href") == link.format(newest.public_id)
    assert (tmp_path / f"site/leaderboard/snapshots/{newest.public_id}/index.html").exists()


def test_every_page_of_the_leaderboard_can_be_made_for_a_copy() -> None:
    pages = [
        unwrap(pattern.callback, stop=lambda view: isinstance(view, PublicPage))
        for pattern in (*urls.urlpatterns, *urls.file_urlpatterns)
    ]
    assert len(pages) > 20
    assert [page for page in pages if not isinstance(page, PublicPage)] == []


def test_full_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("publish", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("publish", tmp_path / "mine.txt", "--overwrite")


def test_campaign_without_ratings_is_not_published(tmp_path: Path, campaign: Campaign) -> None:
    with pytest.raises(CommandError, match="no ratings yet"):
        call_command("publish", tmp_path / "site", "--campaign", campaign.slug)


@pytest.mark.usefixtures("votes")
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (HttpResponse(status=404), r"The page /leaderboard/arena/ can't be made now \(status 404"),
        (missing("There is no such model."), "There is no such model."),
    ],
)
def test_page_that_has_gone_meanwhile_is_named_in_a_sentence(
    answer: object, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.refresh_all()
    monkeypatch.setattr(writing, "made_for", Mock(side_effect=[answer]))
    with pytest.raises(CommandError, match=says):
        call_command("publish", tmp_path / "site")
