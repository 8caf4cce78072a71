"""Imports are withdrawn and taken back by the background worker, as their page asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from arena.alone import IMPORTING
from arena.counting import board_changes, tallies
from arena.errors import Refused
from arena.importing import changing, withdrawing
from arena.importing.changing import Act
from arena.jobs import orders, progress, running
from arena.models import Import, ImportChange, Job, Tally
from people.models import AuditEvent
from tests.live.site import ROOT

from . import samples
from .conftest import Bring

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "wrong file"
# Runs the jobs, and dies where the argument says.
DYING = """
import os, signal, sys, django
django.setup()
from arena.importing import withdrawing
from arena.jobs import running
die = lambda *about: os.kill(os.getpid(), signal.SIGKILL)
where = {"tallies changed": (withdrawing, "noted"), "committed": (running, "_done")}
setattr(*where[sys.argv[1]], die)
running.run_all(is_stopping=lambda: False)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path / "var")
    monkeypatch.setattr(running, "wake", lambda: None)


@pytest.fixture
def source(bring: Bring, tmp_path: Path) -> Import:
    bring("csv", samples.write(tmp_path / "votes.csv", samples.rows("csv")))
    return Import.objects.get()


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def ask(source: Import, admin: Client) -> Callable[..., str]:
    """What the page says after a button; without one, as it is."""

    def ask(button: str = "", reason: str = REASON) -> str:
        address = f"/admin/arena/import/{source.pk}/change/"
        asked = {"reason": reason, button: ""}
        page = admin.post(address, asked, follow=True) if button else admin.get(address)
        return page.content.decode()

    return ask


def run_all() -> None:
    running.run_all(is_stopping=lambda: False)


def sums() -> list[Any]:
    rows = Tally.objects.order_by("campaign", "slice", "first", "second")
    return [*rows.values_list("campaign", "slice", *Tally.COLUMNS)]


def elsewhere(work: Callable[..., object], *about: object) -> None:
    """In a thread with its own connection, as another process would."""

    def run() -> None:
        work(*about)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()


def test_page_orders_it_and_shows_its_state_until_it_is_done(
    ask: Callable[..., str], admin: Client
) -> None:
    there = sums()
    assert "This field is required." in ask("withdraw", reason="")
    page = ask("withdraw")
    assert (sums(), "It is being withdrawn" in page, "data-every" in page) == (there, True, True)
    assert "Withdraw 12 votes" not in page  # nothing else can be asked for meanwhile
    assert "being withdrawn" in admin.get("/admin/arena/import/").content.decode()
    run_all()
    page = ask()
    assert (sums(), "data-every" in page) == ([], False)
    assert "Withdrawn: 12 votes.<br>Reason: wrong file" in page
    ask("back")
    assert "It is being taken back" in ask()
    run_all()
    assert (sums(), "Withdraw 12 votes" in ask()) == (there, True)
    said = LogEntry.objects.order_by("pk").values_list("change_message", "user__username")
    assert [*said] == [
        ("Withdrawn: 12 votes. Reason: wrong file", "boss"),
        ("Taken back: 12 votes. Reason: wrong file", "boss"),
    ]
    assert AuditEvent.objects.filter(detail=REASON, about__startswith="Withdrawing: ").exists()


def test_preview_is_a_table_and_changes_nothing(ask: Callable[..., str]) -> None:
    there = sums()
    assert "data-every" in ask("preview", reason="")
    run_all()
    page = ask()
    assert "Leaderboard of elsewhere, before and after" in page
    assert "12 votes before, 0 after." in page
    assert (sums(), ImportChange.objects.exists()) == (there, False)


def test_second_of_two_orders_is_told_of_the_first(ask: Callable[..., str], source: Import) -> None:
    ask("withdraw")
    for button in ("withdraw", "back", "preview"):
        assert "This import is being withdrawn already." in ask(button, reason="another")
    run_all()
    assert "This import is withdrawn already." in ask("withdraw")
    ask("back")
    assert "This import is being taken back already." in ask("back")
    run_all()
    assert "This import is not withdrawn." in ask("back")
    assert ImportChange.objects.count() == 2


def test_change_waits_for_an_import_into_its_campaign_and_can_be_cancelled(
    source: Import, ask: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    monkeypatch.setattr(withdrawing, "PAUSE_S", 0.0)
    there, job = sums(), changing.order(source, Act.WITHDRAW, REASON)
    pages: list[str] = []

    def looked(*_: object) -> None:
        pages.append(ask())
        elsewhere(orders.delete, job)

    monkeypatch.setattr(time, "sleep", looked)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [IMPORTING, source.campaign_id])
        run_all()
    other.close()
    assert len(pages) == 1
    assert withdrawing.WAITING in pages[0]
    assert (sums(), ImportChange.objects.exists(), Job.objects.exists()) == (there, False, False)


def test_change_that_is_cancelled_at_its_last_moment_changes_nothing(
    source: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, job = sums(), changing.order(source, Act.WITHDRAW, REASON)
    add = tallies.add

    def cancelled(*what: Any) -> None:
        add(*what)
        elsewhere(orders.delete, job)

    monkeypatch.setattr(tallies, "add", cancelled)
    run_all()
    source.refresh_from_db()
    assert (sums(), source.withdrawn, LogEntry.objects.exists()) == (there, None, False)


@pytest.mark.parametrize("where", ["tallies changed", "committed"])
def test_killed_worker_leaves_the_old_or_the_new_state_and_is_followed_by_another(
    source: Import, where: str
) -> None:
    there, job = sums(), changing.order(source, Act.WITHDRAW, REASON)
    name = connection.settings_dict["NAME"]
    server, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{server.rpartition('/')[0]}/{name}?{query}"
    env = {**os.environ, "DATABASE_URL": url, "ARENA_VAR": str(settings.VAR)}
    command = [sys.executable, "-c", DYING, where]
    env["DJANGO_SETTINGS_MODULE"] = "config.settings"
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert sums() == (there if where == "tallies changed" else [])
    run_all()
    job.refresh_from_db()
    assert (sums(), job.state, job.said[0]) == ([], Job.State.DONE, "Withdrawn: 12 votes.")
    assert ImportChange.objects.count() == 1


def test_spans_count_what_one_query_would(source: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tallies.of_import(source)
    monkeypatch.setattr(tallies, "SPAN", 5)
    parts: list[float] = []
    spanned = tallies.of_import(source, parts.append)
    assert {key: [*row] for key, row in spanned.items()} == {
        key: [*row] for key, row in whole.items()
    }
    assert parts == [1 / 3, 2 / 3, 1.0]


def test_preview_shows_a_model_that_has_no_score() -> None:
    rated = {"position": 1, "score": 1012.34, "votes": 9}
    lines = [
        {"name": "ada", "both": [rated, {**rated, "position": 2, "score": None}]},
        {"name": "bea", "both": [None, rated]},
    ]
    board = {"campaign": "Walk", "votes": [9, 1], "note": "", "lines": lines}
    table = board_changes.table(board_changes.board_view(board))
    assert table.rows == [
        ["ada", "1", "2", "1012.3", "–", "", "9", "9"],
        ["bea", "–", "1", "–", "1012.3", "", "0", "9"],
    ]


def test_order_needs_a_reason(source: Import) -> None:
    with pytest.raises(Refused, match="Say why"):
        changing.order(source, Act.WITHDRAW, "  ")
