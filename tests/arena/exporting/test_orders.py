"""Exports that the admin orders and the background worker writes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client

from arena import broker
from arena.exporting import orders
from arena.models import Campaign, Consent, Export

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("votes")]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


@pytest.fixture
def ordered(campaign: Campaign) -> Export:
    return orders.order(campaign, "arena-33k", ".jsonl")


@pytest.fixture
def noted_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(orders, "NOTE_EVERY_S", 0.0)
    yield
    broker.connection().delete("export:1")


def write_all() -> None:
    orders.write_all(is_stopping=lambda: False)


def delete_all() -> None:
    """In a thread of its own, which has a connection of its own."""
    for found in Export.objects.all():
        orders.delete(found)
    connection.close()


def page_of(campaign: Campaign, client: Client) -> str:
    return client.get(f"/admin/arena/campaign/{campaign.pk}/exports/").content.decode()


def state_of(ordered: Export) -> str:
    ordered.refresh_from_db()
    return ordered.state


def test_order_is_written_with_its_card(ordered: Export, tmp_path: Path) -> None:
    write_all()
    assert state_of(ordered) == "DONE"
    assert (ordered.votes, ordered.left_out) == (6, 2)
    assert ordered.path == tmp_path / "exports" / str(ordered.pk) / "ours-arena-33k.jsonl"
    assert ordered.bytes == ordered.path.stat().st_size > 0
    assert len(ordered.path.read_text().splitlines()) == 6
    assert "6 votes of people" in ordered.card.read_text()


def test_refusal_is_told_in_words(ordered: Export) -> None:
    Consent.objects.all().delete()
    write_all()
    assert state_of(ordered) == "FAILED"
    assert ordered.reason.startswith("None of the 8 votes of ours can be exported")
    assert not ordered.folder.exists()


def test_file_that_can_t_be_written_is_told_in_words(ordered: Export, tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("in the way")
    write_all()
    assert state_of(ordered) == "FAILED"
    assert ordered.reason == (
        "The file could not be written: Not a directory. Make room and try again."
    )


def test_half_written_export_of_a_dead_worker_begins_again(ordered: Export) -> None:
    Export.objects.update(state=Export.State.RUNNING)
    write_all()
    assert state_of(ordered) == "DONE"


def test_only_one_worker_writes(ordered: Export) -> None:
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    own = {name: parameters[name] for name in names if name in parameters}
    with psycopg.connect(**own) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [orders.LOCK])
        write_all()
        assert state_of(ordered) == "WAITING"
        other.execute("SELECT pg_advisory_unlock(%s)", [orders.LOCK])
    write_all()
    assert state_of(ordered) == "DONE"


@pytest.mark.usefixtures("noted_at_once")
def test_worker_that_has_to_stop_leaves_the_rest_for_the_next(ordered: Export) -> None:
    orders.write(ordered, is_stopping=lambda: True)
    assert state_of(ordered) == "WAITING"
    assert not ordered.folder.exists()


@pytest.mark.usefixtures("noted_at_once")
def test_export_deleted_meanwhile_ends_and_leaves_nothing(
    ordered: Export, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ordered.folder

    def somebody_else_deletes_it() -> bool:
        with ThreadPoolExecutor(1) as other:
            other.submit(delete_all).result()
        return False

    orders.write(ordered, is_stopping=somebody_else_deletes_it)
    assert caplog.records == []
    assert not Export.objects.exists()
    assert not folder.exists()


@pytest.mark.usefixtures("noted_at_once")
def test_page_shows_how_far_an_export_is(ordered: Export, admin_client: Client) -> None:
    seen: list[str] = []

    def look() -> bool:
        seen.append(page_of(ordered.campaign, admin_client))
        return False

    orders.write(ordered, is_stopping=look)
    assert "100% written" in seen[0]
    assert "data-unfinished" in seen[0]
    assert "data-unfinished" not in page_of(ordered.campaign, admin_client)


def test_admin_orders_downloads_and_deletes(
    campaign: Campaign, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.export_admin.write_exports.delay", lambda: None)
    assert "None yet." in page_of(campaign, admin_client)
    asked = {"format": "arena-140k", "file": ".csv"}
    admin_client.post(f"/admin/arena/campaign/{campaign.pk}/exports/", asked)
    assert "Waiting for the background worker." in page_of(campaign, admin_client)
    write_all()
    page = page_of(campaign, admin_client)
    made = Export.objects.get()
    assert f'href="/admin/arena/campaign/exports/{made.pk}/ours-arena-140k.csv"' in page
    assert "6 votes" in page
    assert "2 left out for want of consent." in page
    admin_client.post(f"/admin/arena/campaign/exports/{made.pk}/delete/")
    assert "None yet." in page_of(campaign, admin_client)
    assert not made.folder.exists()


def test_download_is_streamed_to_staff_only(ordered: Export, client: Client) -> None:
    write_all()
    ordered.refresh_from_db()
    address = f"/admin/arena/campaign/exports/{ordered.pk}/{ordered.name}"
    assert client.get(address).headers["location"].startswith("/admin/login/")
    client.force_login(User.objects.create_superuser("boss"))
    response = client.get(address)
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Disposition"] == 'attachment; filename="ours-arena-33k.jsonl"'
    body = asyncio.run(body_of(response))
    assert body == ordered.path.read_bytes()
    assert int(response["Content-Length"]) == len(body) == ordered.bytes


async def body_of(response: StreamingHttpResponse) -> bytes:
    return b"".join([chunk async for chunk in response])


def test_file_that_is_gone_is_told_in_words(ordered: Export, admin_client: Client) -> None:
    write_all()
    os.unlink(ordered.path)
    address = f"/admin/arena/campaign/exports/{ordered.pk}/{ordered.name}"
    page = admin_client.get(address, follow=True).content.decode()
    assert "There is no ours-arena-33k.jsonl on this host any more." in page


def test_staff_who_may_only_look_can_t_order_or_delete(ordered: Export, client: Client) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client.force_login(looker)
    asked = {"format": "arena-33k", "file": ".csv"}
    page = f"/admin/arena/campaign/{ordered.campaign_id}/exports/"
    assert client.post(page, asked).status_code == 403
    deletion = client.post(f"/admin/arena/campaign/exports/{ordered.pk}/delete/")
    assert deletion.status_code == 403
    assert 'value="Export"' not in client.get(page).content.decode()
    looker.user_permissions.clear()
    assert client.get(page).status_code == 403
    assert Export.objects.count() == 1
