"""Data that the first release's code has written (tests/upgrade), through all migrations since: in
place, and as a backup made before the upgrade."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from arena.models import Campaign
from config.backups import making
from config.embedded.postgres import Postgres
from config.endpoints import database as of_url
from ratings.refreshing.recount import differences
from tests import database
from tests.live.test_own_servers import tcp_postgres

from .test_restoring import shape, sums_of

ROOT = Path(__file__).resolve().parents[3]

FIRST = ROOT / "tests" / "upgrade" / "first_release.sql"
PASSWORD = "p@ss:/w%rd#1?"
# What the first release knew, and no upgrade may change.
KNOWN = {
    "votes": "SELECT id, battle_id, voter_id, verdict, standing, seconds, created FROM arena_vote",
    "receipts": "SELECT id, public_id, voter_id, state, selection_probability FROM arena_battle",
    "voters": "SELECT id, key, created FROM arena_voter",
    "turns": "SELECT id, battle_id, number, prompt FROM arena_turn",
    "answers": "SELECT id, turn_id, side, revision_id, state, text, total_s FROM arena_answer",
    "contestants": "SELECT id, slug, name, organisation, licence FROM arena_contestant",
    "digits": "SELECT id, snapshot_id, contestant_id, score, lower, upper FROM ratings_rating",
    "snapshots": "SELECT id, votes, input_sha256, last_vote_id, created FROM ratings_snapshot",
    "accounts": "SELECT id, username, password FROM auth_user",
}
TALLIES = "SELECT first_id, second_id, first_wins, second_wins, ties, both_bad FROM arena_tally"
OVERALL = f"{TALLIES} WHERE slice = 'overall'"
# A permalink of its own is given to each older snapshot, at random.
MADE_ANEW = {"ratings_snapshot"}


@pytest.fixture
def first_release(
    own_server: Postgres, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> str:
    """The address of a database as the first release has left it."""
    with psycopg.connect(own_server._dsn("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE first_release")
    url = own_server._dsn("first_release")
    with psycopg.connect(url) as loading:
        loading.execute(FIRST.read_text())
    return url


def asked(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{query} ORDER BY 1, 2")
        return list(cursor.fetchall())


def known() -> dict[str, list[tuple[Any, ...]]]:
    return {name: asked(query) for name, query in KNOWN.items()}


def check(before: dict[str, list[tuple[Any, ...]]], tallies: list[tuple[Any, ...]]) -> None:
    assert known() == before
    assert asked(OVERALL) == tallies
    assert [differences(campaign) for campaign in Campaign.objects.all()] == [[]]


@pytest.mark.timeout(600)  # all migrations, twice
def test_data_of_the_first_release_comes_through_all_migrations(
    first_release: str, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    tmp_path.chmod(0o755)
    backup = tmp_path / "before.tar.zst"
    with django_db_blocker.unblock(), database.elsewhere(**of_url(first_release, pool_size=0)):
        before, tallies = known(), asked(TALLIES)
        assert {name: len(rows) for name, rows in before.items()} == {
            "votes": 48, "receipts": 60, "voters": 12, "turns": 78, "answers": 156,
            "contestants": 6, "digits": 12, "snapshots": 2, "accounts": 1,
        }  # fmt: skip
        making.make(backup)  # as docs/operating.md says: before the upgrade, by the new release
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        check(before, tallies)
        once, sums = shape(), sums_of(tmp_path / "once")
        call_command("migrate", verbosity=0)
        assert (shape(), sums_of(tmp_path / "twice")) == (once, sums)
    with tcp_postgres(tmp_path / "own") as own:
        url = _own_database(own)
        said = _restored(backup, url, tmp_path / "var")
        assert "0 counts differ from a recount" in said
        assert PASSWORD not in said
        with django_db_blocker.unblock(), database.elsewhere(**of_url(url, pool_size=0)):
            check(before, tallies)
            again = sums_of(tmp_path / "restored")
            assert {table for table in sums if again[table] != sums[table]} == MADE_ANEW
            assert shape()[:-1] == once[:-1]


def _own_database(url: str) -> str:
    """An empty one, whose role is no superuser; its address."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE keeper LOGIN PASSWORD '{PASSWORD}'")
        admin.execute("CREATE DATABASE arena OWNER keeper")
    _, _, there = url.rpartition("@")
    return f"postgresql://keeper:{quote(PASSWORD, safe='')}@{there.partition('/')[0]}/arena"


def _restored(backup: Path, url: str, var: Path) -> str:
    """What the command says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "restore", str(backup)], cwd=ROOT, text=True,
        env={**os.environ, "ARENA_VAR": str(var), "DATABASE_URL": url},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout
