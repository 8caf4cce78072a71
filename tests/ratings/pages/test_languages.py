"""The leaderboard in several languages: readers of one never get what is cached for another."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ratings.refreshing import drafts

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = re.compile(r' (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="([^"]*)"')


@pytest.fixture(autouse=True)
def rated(votes: None) -> None:
    drafts.refresh_all()


def test_each_language_has_its_own_cached_page(client: Client) -> None:
    for _ in range(2):
        english, german = (client.get(f"{at}/leaderboard/arena/") for at in ("", "/de"))
        assert "Ada leads." in english.text
        assert "116 votes" in english.text
        assert "Ada führt." in german.text
        assert "116 Stimmen" in german.text
        assert " votes" not in german.text
        assert english["ETag"] != german["ETag"]
        assert {english["Vary"], german["Vary"]} == {"Accept-Encoding"}
        again = client.get("/de/leaderboard/arena/", headers={"if-none-match": german["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["", "open-and-closed/", "statistics/", "models/ada/", "compare/", "report/"]
)
def test_coordinates_are_numbers_in_every_language(path: str, client: Client) -> None:
    page = client.get(f"/fr/leaderboard/arena/{path}")
    assert page.status_code == 200
    drawn = NUMBERS.findall(page.text)
    assert [one for one in drawn if not re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?%?", one)] == []


def test_translated_page_leads_to_the_data_in_one_language(client: Client) -> None:
    page = client.get("/de/leaderboard/arena/statistics/").text
    file = "/leaderboard/arena/statistics/calibration.csv"
    assert f'href="{file}"' in page
    assert client.get(file).text.startswith("Predicted,Observed,Lower,Upper,Votes")
    assert client.get(f"/de{file}").status_code == 404
    board = client.get("/de/leaderboard/arena/").text
    for name in ("leaderboard.csv", "data.json", "feed.atom", "newest.json"):
        assert f'"/leaderboard/arena/{name}"' in board
    assert 'href="/de/leaderboard/arena/statistics/"' in board
