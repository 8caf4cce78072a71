"""Publications of every board on pages, in the feed, in the API and in the static site."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from arena.labels import slices
from arena.models import Campaign, Tally
from ratings import freshness
from ratings.models import Snapshot
from ratings.refreshing import drafts

from ..archive.test_votes_file import published
from ..boards.test_slices import part

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sliced")]
LIST = "/leaderboard/arena/snapshots/"
TODAY = f"{timezone.now():%Y-%m-%d}"


@pytest.fixture
def sliced(campaign: Campaign, votes: None, settings: LazySettings) -> None:
    settings.SLICE_VOTES = 50
    settings.PUBLISH_EVERY = settings.PUBLISH_SLICES_EVERY = timedelta(0)
    part(campaign, "coding", (5, 25, 0, 0), (10, 5, 0, 0), (5, 15, 1, 2))
    for back in (0, 35):
        month = timezone.now() - timedelta(days=back)
        part(campaign, f"month-{month:%Y-%m}", (20, 20, 0, 0), (9, 5, 0, 0))
    drafts.refresh_all()


@pytest.fixture
def later(sliced: None) -> None:
    """Two days later, Ada leads at coding."""
    then = timezone.now() - timedelta(days=2)
    Snapshot.objects.update(created=then, published=then)
    Tally.objects.filter(slice="coding").update(first_wins=200)
    drafts.refresh_all()


def shown(client: Client, address: str) -> str:
    freshness.clear()
    return " ".join(client.get(address).content.decode().split())


def test_every_board_is_listed_with_its_newest_publication(client: Client) -> None:
    page = shown(client, LIST)
    for words in (
        "Bradley-Terry, ties by Davidson",
        "Coding",
        "Fresh votes",
        f"?slice=month-{TODAY[:7]}",
    ):
        assert words in page
    for slug in ("overall", "overall-davidson", "coding", "fresh"):
        assert f"/leaderboard/snapshots/{published(slug).public_id}/" in page


@pytest.mark.usefixtures("later")
def test_list_is_of_the_chosen_slice(client: Client) -> None:
    old, new = Snapshot.objects.filter(board__slug="coding").order_by("pk")
    page = shown(client, f"{LIST}?slice=coding")
    assert '<h2 class="apart" id="publications">Coding</h2>' in page
    assert old.public_id in page
    assert new.public_id in page
    assert old.public_id not in shown(client, LIST)
    assert '<input type="hidden" name="slice" value="coding">' in page


@pytest.mark.usefixtures("later")
def test_permalink_names_the_slice_and_says_what_changed_since(client: Client) -> None:
    old = Snapshot.objects.filter(board__slug="coding").order_by("pk")[0]
    page = shown(client, f"/leaderboard/snapshots/{old.public_id}/")
    assert "Coding: " in page
    assert f'<dt>Board</dt><dd><a href="{LIST}?slice=coding">Coding</a></dd>' in page
    assert "Ada was at rank" in page


def test_fresh_names_its_months_on_its_permalink(client: Client) -> None:
    first, last = published("fresh").facts.months
    page = shown(client, f"/leaderboard/snapshots/{published('fresh').public_id}/")
    assert last == TODAY[:7]
    assert f"Fresh votes ({slices.name_of(f'months-{first}-{last}')}): " in page


@pytest.mark.usefixtures("later")
def test_slice_is_shown_as_of_a_day(client: Client) -> None:
    old, new = Snapshot.objects.filter(board__slug="coding").order_by("pk")
    day = f"{old.created:%Y-%m-%d}"
    assert old.public_id in shown(client, f"/leaderboard/?slice=coding&on={day}")
    assert new.public_id in shown(client, f"/leaderboard/?slice=coding&on={TODAY}")
    before = shown(client, "/leaderboard/?slice=coding&on=2020-01-01")
    assert "Nothing had been published by then" in before


def test_range_of_a_reader_has_no_past(client: Client) -> None:
    page = shown(client, "/leaderboard/?since=2026-01&until=2026-02&on=2026-03-01")
    assert "Ranges of months have no past boards" in page


@pytest.mark.usefixtures("later")
def test_feed_and_api_take_a_slice(client: Client) -> None:
    old, new = Snapshot.objects.filter(board__slug="coding").order_by("pk")
    feed = shown(client, "/leaderboard/arena/feed.atom?slice=coding")
    assert new.public_id in feed
    assert "(Coding)</title>" in feed
    found = client.get("/api/v1/campaigns/arena/snapshots/?slice=coding").json()["results"]
    assert [(row["id"], row["slice"], row["method"]) for row in found] == [
        (new.public_id, "coding", "bradley-terry"), (old.public_id, "coding", "bradley-terry")
    ]  # fmt: skip
    assert client.get(f"/api/v1/snapshots/{old.public_id}/").json()["count"] == 3


def test_static_site_has_the_newest_publication_of_every_board(tmp_path: Path) -> None:
    call_command("publish", tmp_path / "site", stdout=StringIO())
    for slug in ("overall", "overall-davidson", "coding", "fresh"):
        file = tmp_path / f"site/leaderboard/snapshots/{published(slug).public_id}"
        assert (file / "index.html").exists()
        assert file.with_suffix(".zip").stat().st_size > 1000
