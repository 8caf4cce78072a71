"""The board as a picture and as files."""

from __future__ import annotations

import csv
import io
import struct
from functools import partial
from importlib import import_module
from typing import Any

import pytest
import resvg_py
from django.test import Client

from arena.models import Campaign, Contestant
from arena.pages.pictures import FONT
from ratings.columns import NAMES
from ratings.refreshing import drafts

pq: Any = import_module("pyarrow.parquet")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rated(votes: None) -> None:
    drafts.refresh_all()


@pytest.mark.usefixtures("rated")
def test_picture_is_a_png_of_the_size_networks_ask_for(client: Client) -> None:
    response = client.get("/leaderboard/arena/image.png")
    assert response["Content-Type"] == "image/png"
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
    page = client.get("/leaderboard/arena/").content.decode()
    assert 'property="og:image" content="http://testserver/leaderboard/arena/image.png"' in page
    assert 'property="og:image:alt" content="Ada leads."' in page


@pytest.mark.usefixtures("rated")
def test_letters_are_those_that_come_along(client: Client) -> None:
    """A bare server has no other fonts: without ours the picture would have no text."""
    svg = client.get("/leaderboard/arena/image.svg").content.decode()
    png = client.get("/leaderboard/arena/image.png").content
    bare = partial(resvg_py.svg_to_bytes, svg_string=svg, skip_system_fonts=True)
    assert bare(font_files=[FONT]) == png
    assert bare() != png


def test_picture_of_an_empty_board_says_so(client: Client, campaign: Campaign) -> None:
    svg = client.get("/leaderboard/arena/image.svg").content.decode()
    assert "There are not enough votes yet to rank" in svg
    assert "0 votes" in svg
    assert client.get("/leaderboard/arena/image.png").status_code == 200


@pytest.mark.usefixtures("votes")
def test_name_in_a_picture_is_escaped(client: Client) -> None:
    Contestant.objects.filter(slug="ada").update(name="</svg><script>alert(1)</script>")
    drafts.refresh_all()
    assert "<script>" not in client.get("/leaderboard/arena/image.svg").content.decode()
    assert client.get("/leaderboard/arena/image.png").status_code == 200


@pytest.mark.usefixtures("rated")
@pytest.mark.parametrize(
    "address", ["/leaderboard/arena/leaderboard", "/api/v1/campaigns/arena/ratings"]
)
def test_parquet_holds_what_csv_holds(client: Client, address: str) -> None:
    file = pq.read_table(io.BytesIO(client.get(f"{address}.parquet?access=open").content))
    text = client.get(f"{address}.csv?access=open").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert file.column_names == list(NAMES)
    assert [row["slug"] for row in rows] == file["slug"].to_pylist() == ["ada", "cy"]
    assert [float(row["score"]) for row in rows] == file["score"].to_pylist()
    assert file["votes"].to_pylist() == [79, 70]
    assert file.schema.metadata[b"votes"] == b"116"


def test_parquet_of_an_empty_board_has_its_columns(client: Client, campaign: Campaign) -> None:
    file = pq.read_table(io.BytesIO(client.get("/leaderboard/arena/leaderboard.parquet").content))
    assert file.column_names == list(NAMES)
    assert file.num_rows == 0


@pytest.mark.usefixtures("rated")
def test_files_are_open_to_other_sites_and_described(client: Client) -> None:
    described = client.get("/api/v1/").json()["paths"]
    for kind in ("csv", "parquet"):
        response = client.get(f"/api/v1/campaigns/arena/ratings.{kind}")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert f"/api/v1/campaigns/{{campaign}}/ratings.{kind}" in described
