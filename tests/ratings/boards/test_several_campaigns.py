"""Several live campaigns with the same models: each vote counts on the board of its own only, on
every page, in every file and in the API. No board adds them up."""

from __future__ import annotations

import csv
import io
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from arena.labels import Labels
from arena.models import Campaign, Contestant, Voter
from ratings import freshness
from ratings.models import Board
from ratings.refreshing import drafts, publications
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("boards")]
VOTES = {"arena": 12, "medicine": 20, "secret": 28}  # of Ada and Bea
BEST = {"arena": "Ada", "medicine": "Bea"}
CODING = Labels(language="de", categories=("coding",), length="short")


@pytest.fixture
def boards(campaign: Campaign, contestants: list[Contestant], settings: Settings) -> None:
    """In the arena Ada is best, in medicine Bea; half of the prompts there are coding. A third
    campaign is by invitation."""
    settings.SLICE_VOTES = 8
    ada, bea, cy = contestants
    Campaign.objects.create(slug="medicine", name="Medicine")
    Campaign.objects.create(slug="secret", name="Secret", visibility="INVITATION")
    voter = Voter.objects.create()
    for each in Campaign.objects.all():
        for i in range(VOTES[each.slug]):
            first = "B" if each.slug == "medicine" else "A"
            verdict = first if i % 4 else "TIE"
            labels = CODING if i % 2 and each.slug == "medicine" else Labels(language="en")
            factories.vote(factories.battle(each, ada, bea, voter=voter), verdict, labels)
    for verdict in ("A", "B", "A", "TIE"):  # Cy takes part in medicine only
        medicine = Campaign.objects.get(slug="medicine")
        factories.vote(factories.battle(medicine, bea, cy, voter=voter), verdict)
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()


def api(client: Client, path: str) -> dict[str, object]:
    found: dict[str, object] = client.get(f"/api/v1/campaigns/{path}").json()
    return found


def models_in(file: str) -> list[str]:
    return [row["model"] for row in csv.DictReader(io.StringIO(file))]


def votes_of(client: Client, path: str) -> dict[str, int]:
    rows = api(client, path)["results"]
    assert isinstance(rows, list)
    return {row["model"]: row["votes"] for row in rows}


def test_votes_of_each_campaign_are_on_its_own_board(client: Client) -> None:
    assert votes_of(client, "arena/ratings/") == {"Ada": 12, "Bea": 12}
    assert votes_of(client, "medicine/ratings/") == {"Ada": 20, "Bea": 24, "Cy": 4}
    assert votes_of(client, "medicine/ratings/?access=closed") == {"Bea": 24}
    assert votes_of(client, "medicine/ratings/?slice=coding") == {"Ada": 10, "Bea": 10}
    assert votes_of(client, "arena/ratings/?slice=coding") == {}
    for slug, best in BEST.items():
        models = models_in(client.get(f"/leaderboard/{slug}/leaderboard.csv").content.decode())
        assert (models[0], len(models)) == (best, 2 + (slug == "medicine"))
        page = client.get(f"/leaderboard/{slug}/").content.decode()
        assert ("Cy" in page) == (slug == "medicine")
    listed = [row["slug"] for row in api(client, "")["results"]]  # type: ignore[attr-defined]
    assert listed == ["arena", "medicine"]


def test_slices_badges_and_comparisons_are_of_one_campaign(client: Client) -> None:
    for slug, slices in (("arena", {"language-en": 12}), ("medicine", {"coding": 10})):
        rows = api(client, f"{slug}/slices/")["results"]
        known = {row["slice"]: row["votes"] for row in rows}  # type: ignore[attr-defined]
        assert slices.items() <= known.items()
        assert ("coding" in known) == (slug == "medicine")
    badges = {
        slug: client.get(f"/leaderboard/{slug}/models/bea/badge.svg").content.decode()
        for slug in BEST
    }
    assert ">rank 2</text>" in badges["arena"]
    assert " · Medicine</text>" in badges["medicine"]
    assert client.get("/leaderboard/arena/models/cy/").status_code == 404
    assert client.get("/leaderboard/medicine/models/cy/").status_code == 200
    for slug, direct in (("arena", 12), ("medicine", 20)):
        pair = api(client, f"{slug}/compare/?a=ada&b=bea")
        assert sum(int(str(pair[n])) for n in ("wins", "losses", "ties", "both_bad")) == direct


def test_first_leaderboard_is_that_of_the_front_page_not_the_sum(client: Client) -> None:
    page = client.get("/leaderboard/").content.decode()
    assert "Ada leads." in page
    assert re.search(r"\b12 votes\b", page)
    total = sum(VOTES.values()) + 4
    assert not re.search(rf"\b({total}|36)\b votes", page)
    assert {board.campaign_id for board in Board.objects.all()} == {
        *Campaign.objects.values_list("pk", flat=True)
    }


def test_campaign_by_invitation_is_nowhere(client: Client) -> None:
    for path in ("leaderboard/secret/", "leaderboard/secret/leaderboard.csv", "secret/feed.atom"):
        assert client.get(f"/{path}").status_code == 404
    assert client.get("/api/v1/campaigns/secret/ratings/").status_code == 404
    pages = ("/leaderboard/", "/leaderboard/arena/snapshots/", "/api/v1/campaigns/", "/campaigns/")
    assert [page for page in pages if "Secret" in client.get(page).content.decode()] == []


def test_static_copy_is_of_one_campaign(tmp_path: Path) -> None:
    for slug, best in BEST.items():
        call_command("publish", tmp_path / slug, campaign=slug, stdout=StringIO())
        boards = tmp_path / slug / "leaderboard"
        models = models_in((boards / slug / "leaderboard.csv").read_text())
        assert (models[0], "Cy" in models) == (best, slug == "medicine")
        assert {*BEST, "secret"} & {each.name for each in boards.iterdir()} == {slug}
