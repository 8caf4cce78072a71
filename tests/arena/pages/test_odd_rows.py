"""A row that can't be shown is left out of lists, which are shown to everybody else."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from arena import broker, odd_rows
from arena.models import Campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    broker.connection().delete(odd_rows.KEY)
    yield
    broker.connection().delete(odd_rows.KEY)


@pytest.fixture
def campaigns(db: None) -> list[Campaign]:
    """Of which one has a slug that no address can hold, as the database allowed it once."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE arena_campaign DROP CONSTRAINT campaign_slug")
    made = [("good", "Good"), ("not/good", "Not good"), ("better", "Better")]
    return [Campaign.objects.create(slug=slug, name=name) for slug, name in made]


def test_list_leaves_out_what_it_cannot_show_and_reports_it_once(
    client: Client, campaigns: list[Campaign], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="arena.odd_rows"):
        for path in ("/campaigns/", "/de/campaigns/", "/leaderboard/", "/"):
            page = client.get(path)
            assert page.status_code == 200
        page = client.get("/campaigns/")
    assert "Good</a>" in page.content.decode()
    assert "Better</a>" in page.content.decode()
    assert "Not good" not in page.content.decode()
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"arena.campaign {campaigns[1].pk} can't be shown")
    client.force_login(User.objects.create_superuser("boss"))
    dashboard = client.get("/admin/").content.decode()
    assert "1 row can’t be shown to visitors" in dashboard
    assert f"arena.campaign {campaigns[1].pk}" in dashboard


def test_campaign_from_a_command_is_checked_like_a_form(db: None) -> None:
    for slug in ("not/good", "snapshots", "x" * 51):
        with pytest.raises(ValidationError):
            Campaign.entered(slug, name="From a command")
    assert not Campaign.objects.exists()
