"""Names and order of columns, which programs elsewhere read: none may be renamed."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from django.test import Client

from arena.models import Contestant, Tally
from arena.models.contestants import STAND_IN
from ratings import columns
from ratings.api.schemas import SCHEMAS
from ratings.archive import snapshot_file
from ratings.models import Rating
from ratings.refreshing import drafts

pq: Any = import_module("pyarrow.parquet")  # without types

BOARD = [
    "model", "slug", "organisation", "licence", "access", "stands_in_for", "parameters", "score",
    "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
    "tier",
]  # fmt: skip
TYPES = [*["string"] * 6, "int64", *["double"] * 3, *["int64"] * 3, "double", "string", "int64"]


def test_columns_are_those_of_older_versions() -> None:
    assert list(columns.NAMES) == BOARD
    assert snapshot_file.RATING == (
        "model", "score", "lower", "upper", "rank_low", "rank_high", "votes", "win_rate", "status",
    )  # fmt: skip
    assert ("first", "second", *Tally.COUNTS) == snapshot_file.TALLY
    assert Tally.COLUMNS == (
        "first_id", "second_id", "first_wins", "second_wins", "ties", "both_bad",
    )  # fmt: skip


def test_new_column_of_a_board_changes_no_file_of_a_publication(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = columns.Column("fame", "double", "fame", 1.5)
    monkeypatch.setattr(columns, "NUMBERS", (*columns.NUMBERS, more))
    spec = spec_from_file_location("ratings.archive.again", snapshot_file.__file__)
    assert spec
    assert spec.loader
    again = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, again)
    spec.loader.exec_module(again)
    assert again.RATING == snapshot_file.RATING
    assert "fame" not in again.RATING


def test_access_is_described_with_every_value_it_can_have() -> None:
    says = next(column.says for column in columns.MODEL if column.name == "access")
    assert all(value in says for value in (*Contestant.Access.values, STAND_IN))


def test_every_number_is_a_field_of_a_rating() -> None:
    stored = {field.name for field in Rating._meta.fields}
    assert {column.of for column in columns.NUMBERS} == stored - {
        "id", "snapshot", "contestant", "position",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("votes")
def test_all_formats_have_the_same_columns(client: Client) -> None:
    drafts.refresh_all()
    base = "/leaderboard/arena/"
    for folder in (f"{base}leaderboard", "/api/v1/campaigns/arena/ratings"):
        lines = client.get(f"{folder}.csv").content.decode().splitlines()
        assert lines[0].split(",") == BOARD
        file = pq.read_table(io.BytesIO(client.get(f"{folder}.parquet").content))
        assert file.column_names == BOARD
        assert [str(field.type) for field in file.schema] == TYPES
        assert file.to_pylist()[0]["model"] == lines[1].split(",")[0]
    assert list(client.get(f"{base}data.json").json()["ratings"][0]) == BOARD
    assert list(client.get("/api/v1/campaigns/arena/ratings/").json()["results"][0]) == BOARD
    assert list(SCHEMAS["Rating"]["properties"]) == BOARD
