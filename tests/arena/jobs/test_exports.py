"""File jobs, ordered in the admin and run by the background worker, with exports as the example."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client

from arena import broker
from arena.exporting.job import Export
from arena.jobs import orders, progress, running
from arena.models import Campaign, Consent, Job
from tests.arena.exporting.conftest import campaign, revisions, votes

__all__ = ["campaign", "revisions", "votes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("votes")]
EXPORT = Export()
ASKED = {"format": "arena-33k", "file": ".jsonl"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)


@pytest.fixture
def ordered(campaign: Campaign) -> Job:
    return orders.order(EXPORT, campaign, ASKED)


@pytest.fixture
def noted_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    yield
    broker.connection().delete("job:1")


def run_all() -> None:
    running.run_all(is_stopping=lambda: False)


def delete_all() -> None:
    """Run in a thread of its own, with its own connection."""
    for found in Job.objects.all():
        orders.delete(found)
    connection.close()


@pytest.fixture
def other_worker() -> Iterator[psycopg.Connection]:
    """A connection that holds the lock of exports, until it `leave`s."""
    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    own = {name: parameters[name] for name in names if name in parameters}
    with psycopg.connect(**own, autocommit=True) as other:
        other.execute(f"SELECT pg_advisory_lock({running.JOBS}, {running._key(EXPORT)})")
        yield other


def leave(worker: psycopg.Connection) -> None:
    """As if the worker died, but at once; PostgreSQL takes a moment to notice a closed
    connection."""
    worker.execute("SELECT pg_advisory_unlock_all()")


def page_of(campaign: Campaign | None, client: Client) -> str:
    assert campaign
    return client.get(f"/admin/arena/job/export/{campaign.pk}/").content.decode()


def state_of(ordered: Job) -> str:
    ordered.refresh_from_db()
    return ordered.state


def test_order_is_written_with_its_card(ordered: Job, tmp_path: Path) -> None:
    run_all()
    assert state_of(ordered) == "DONE"
    assert ordered.said == ["6 votes.", "2 left out for lack of consent."]
    written = tmp_path / "jobs" / str(ordered.pk) / "ours-arena-33k.jsonl"
    card = written.with_name("ours-arena-33k.README.md")
    assert ordered.files == [
        {"name": written.name, "bytes": written.stat().st_size},
        {"name": card.name, "bytes": card.stat().st_size},
    ]
    assert len(written.read_text().splitlines()) == 6
    assert "6 votes by people" in card.read_text()


def test_refusal_is_told_in_words(ordered: Job) -> None:
    Consent.objects.all().delete()
    run_all()
    assert state_of(ordered) == "FAILED"
    assert ordered.said[0].startswith("None of the 8 votes of ours can be exported")
    assert not ordered.folder.exists()


def test_file_that_can_t_be_written_is_told_in_words(ordered: Job, tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("in the way")
    run_all()
    assert state_of(ordered) == "FAILED"
    assert ordered.said == [
        "The files could not be written: Not a directory. Free some space and try again."
    ]


def test_half_written_export_of_a_dead_worker_begins_again(ordered: Job) -> None:
    Job.objects.update(state=Job.State.RUNNING)
    run_all()
    assert state_of(ordered) == "DONE"


def test_job_whose_worker_has_gone_says_so_and_begins_again(
    ordered: Job, admin_client: Client, other_worker: psycopg.Connection
) -> None:
    Job.objects.update(state=Job.State.RUNNING)
    assert "0% done" in page_of(ordered.campaign, admin_client)
    leave(other_worker)
    assert "<b>Interrupted.</b> Its worker has died." in page_of(ordered.campaign, admin_client)
    run_all()
    assert state_of(ordered) == "DONE"


def test_job_that_ends_while_its_page_is_made_is_not_lost(ordered: Job) -> None:
    ordered.state = Job.State.RUNNING  # as read earlier; it has finished since
    Job.objects.update(state=Job.State.DONE)
    assert not running.is_lost(ordered)


def test_job_that_ends_its_worker_again_and_again_fails(ordered: Job) -> None:
    Job.objects.update(state=Job.State.RUNNING, attempts=running.MOST_ATTEMPTS)
    run_all()
    assert state_of(ordered) == "FAILED"
    assert ordered.said == [running.DEADLY]


def test_only_one_worker_is_at_jobs_of_a_kind(
    ordered: Job, other_worker: psycopg.Connection
) -> None:
    run_all()
    assert state_of(ordered) == "WAITING"
    leave(other_worker)
    run_all()
    assert state_of(ordered) == "DONE"


def test_same_order_is_done_once_until_it_is_over(ordered: Job, campaign: Campaign) -> None:
    assert orders.order(EXPORT, campaign, ASKED) == ordered
    assert orders.order(EXPORT, campaign, {**ASKED, "file": ".csv"}) != ordered
    run_all()
    assert orders.order(EXPORT, campaign, ASKED) != ordered


def test_job_goes_on_unseen_while_the_broker_is_away(
    ordered: Job, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "connection", lambda: redis.Redis(port=1))
    Job.objects.update(state=Job.State.RUNNING)
    assert page_of(ordered.campaign, admin_client)
    run_all()
    assert state_of(ordered) == "DONE"


def test_folder_of_a_job_that_went_with_its_campaign_goes_too(
    ordered: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all()
    gone = tmp_path / "jobs" / "999"
    gone.mkdir()
    run_all()
    assert gone.exists()  # it may belong to a job that is being stored
    monkeypatch.setattr(orders, "OWNERLESS_S", -1.0)
    run_all()
    assert [each.name for each in (tmp_path / "jobs").iterdir()] == [str(ordered.pk)]


@pytest.mark.usefixtures("noted_at_once")
def test_worker_that_has_to_stop_leaves_the_rest_for_the_next(ordered: Job) -> None:
    running.run(ordered, EXPORT, is_stopping=lambda: True)
    assert state_of(ordered) == "WAITING"
    assert not ordered.folder.exists()


@pytest.mark.usefixtures("noted_at_once")
def test_export_deleted_meanwhile_ends_and_leaves_nothing(
    ordered: Job, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ordered.folder

    def somebody_else_deletes_it() -> bool:
        with ThreadPoolExecutor(1) as other:
            other.submit(delete_all).result()
        return False

    running.run(ordered, EXPORT, is_stopping=somebody_else_deletes_it)
    assert caplog.records == []
    assert not Job.objects.exists()
    assert not folder.exists()


@pytest.mark.usefixtures("noted_at_once")
def test_page_shows_how_far_an_export_is(ordered: Job, admin_client: Client) -> None:
    seen: list[str] = []

    def look() -> bool:
        seen.append(page_of(ordered.campaign, admin_client))
        return False

    running.run_all(is_stopping=look)
    waiting, running_, *_ = seen
    assert "Waiting for the background worker." in waiting
    assert "100% done" in running_
    assert "data-every" in running_
    assert "data-every" not in page_of(ordered.campaign, admin_client)


def test_admin_orders_downloads_and_deletes(
    campaign: Campaign, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(running, "wake", lambda: woken.append(True))
    assert "None yet." in page_of(campaign, admin_client)
    asked = {"format": "arena-140k", "file": ".csv"}
    admin_client.post(f"/admin/arena/job/export/{campaign.pk}/", asked)
    assert woken == [True]
    assert "Waiting for the background worker." in page_of(campaign, admin_client)
    run_all()
    page = page_of(campaign, admin_client)
    made = Job.objects.get()
    assert f'href="/admin/arena/job/{made.pk}/ours-arena-140k.csv"' in page
    assert "6 votes" in page
    assert "2 left out for lack of consent." in page
    admin_client.post(f"/admin/arena/job/{made.pk}/delete/")
    assert "None yet." in page_of(campaign, admin_client)
    assert not made.folder.exists()


def test_download_is_streamed_to_staff_only(ordered: Job, client: Client) -> None:
    run_all()
    ordered.refresh_from_db()
    address = f"/admin/arena/job/{ordered.pk}/{ordered.name}"
    assert client.get(address).headers["location"].startswith("/admin/login/")
    client.force_login(User.objects.create_superuser("boss"))
    response = client.get(address)
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Disposition"] == 'attachment; filename="ours-arena-33k.jsonl"'
    body = asyncio.run(body_of(response))
    assert body == (ordered.folder / ordered.name).read_bytes()
    assert int(response["Content-Length"]) == len(body) == ordered.files[0]["bytes"]


async def body_of(response: StreamingHttpResponse) -> bytes:
    return b"".join([chunk async for chunk in response])


def test_file_that_is_gone_is_told_in_words(ordered: Job, admin_client: Client) -> None:
    run_all()
    os.unlink(ordered.folder / ordered.name)
    address = f"/admin/arena/job/{ordered.pk}/{ordered.name}"
    page = admin_client.get(address, follow=True).content.decode()
    assert "There is no ours-arena-33k.jsonl on this host any more." in page


def test_staff_who_may_only_look_can_t_order_or_delete(ordered: Job, client: Client) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client.force_login(looker)
    asked = {"format": "arena-33k", "file": ".csv"}
    page = f"/admin/arena/job/export/{ordered.campaign_id}/"
    assert client.post(page, asked).status_code == 403
    deletion = client.post(f"/admin/arena/job/{ordered.pk}/delete/")
    assert deletion.status_code == 403
    assert 'value="Export votes"' not in client.get(page).content.decode()
    looker.user_permissions.clear()
    assert client.get(page).status_code == 403
    assert Job.objects.count() == 1


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fup.lock", "secret_key", "ours-arena-33k.csv"])
def test_nothing_but_a_job_s_own_files_is_sent(
    ordered: Job, admin_client: Client, name: str
) -> None:
    run_all()
    assert admin_client.get(f"/admin/arena/job/{ordered.pk}/{name}").status_code == 404


def test_addresses_of_before_lead_on(ordered: Job, admin_client: Client) -> None:
    run_all()
    page = f"/admin/arena/campaign/{ordered.campaign_id}/exports/"
    assert "ours-arena-33k.jsonl" in admin_client.get(page, follow=True).content.decode()
    file = admin_client.get(f"/admin/arena/campaign/exports/{ordered.pk}/{ordered.name}")
    assert file.headers["location"] == f"/admin/arena/job/{ordered.pk}/{ordered.name}"


def test_job_deleted_as_its_worker_takes_it_is_not_run(
    ordered: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = progress.begin

    def late(job: Job) -> None:
        delete_in_a_thread()
        begin(job)

    def delete_in_a_thread() -> None:
        with ThreadPoolExecutor() as pool:
            pool.submit(delete_all).result()

    ran = []
    monkeypatch.setattr(progress, "begin", late)
    monkeypatch.setattr(Export, "run", lambda self, job, note: ran.append(job))
    run_all()
    assert ran == []
    assert not broker.connection().exists(f"job:{ordered.pk}")
