from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.models import Campaign
from ratings.models import Snapshot
from ratings.refreshing import drafts

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
        for link in re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text()):
            assert not link.startswith("/"), (page, link)
            if not (page.parent / link).exists():
                broken.append((str(page.relative_to(folder)), link))
    assert broken == []
    for needed in ("js/code_worker.*.js", "vendor/highlight/highlight.min.*.js"):
        assert list((folder / "static").glob(needed))  # loaded by a script, not by a page
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
