"""Links from file to file."""

from __future__ import annotations

import pytest

from ratings.static_site.files import Copy, FileSite

BOARD = "/leaderboard/arena/"
SCOPE = (BOARD, "/leaderboard/snapshots/", "/static/")


def site(path: str, file: str = "", url: str = "") -> FileSite:
    return FileSite(Copy(SCOPE, url), path, file)


@pytest.mark.parametrize(
    ("path", "file", "model", "home"),
    [
        (BOARD, "", "models/ada/index.html", "../../index.html"),
        (BOARD, "index.html", "leaderboard/arena/models/ada/index.html", "index.html"),
        (f"{BOARD}models/bea/", "", "../ada/index.html", "../../../../index.html"),
        (f"{BOARD}feed.atom", "", "models/ada/index.html", "../../index.html"),
    ],
)
def test_links_are_relative_to_their_file(path: str, file: str, model: str, home: str) -> None:
    here = site(path, file)
    assert here.link("model", "arena", "ada", query="sort=name") == model
    assert here.link("home") == home
    assert here.link("leaderboard") == home
    assert here.link("campaign_leaderboard", "other") == home
    assert here.linked == {f"{BOARD}models/ada/"}


def test_files_beside_a_page_and_assets_are_found() -> None:
    here = site(f"{BOARD}statistics/")
    assert here.beside("votes.csv", "a=ada") == "votes.csv"
    [asset] = {here.asset("css/base.css").removeprefix("../../../")}
    assert here.linked == {f"{BOARD}statistics/votes.csv", f"/{asset}"}
    assert asset.startswith("static/css/base")


def test_absolute_addresses_need_a_known_one() -> None:
    unknown, known = site(BOARD), site(BOARD, url="https://votes.example/2026/")
    assert unknown.address("image_png", "arena") == "image.png"
    picture = "https://votes.example/2026/leaderboard/arena/image.png"
    assert known.address("image_png", "arena") == picture
    assert known.address("home") == "https://votes.example/2026/index.html"
    assert unknown.linked == known.linked == {f"{BOARD}image.png"}
    assert unknown.identity("feed", "arena") == "http://localhost/leaderboard/arena/feed.atom"
    assert known.identity("snapshot", "x") == "https://votes.example/2026/leaderboard/snapshots/x/"
