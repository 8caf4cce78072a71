"""Starts the servers of a test run before Django's settings, which name them, are loaded.

Always separate servers: a test never touches the database or broker that the environment names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from config.embedded import Servers

ROOT = Path(__file__).resolve().parent.parent

_var = Path(tempfile.mkdtemp(prefix="evenhand-test-"))
_var.chmod(0o755)  # when run as root, PostgreSQL's account needs access
_servers = Servers(_var, environ={})


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    os.environ |= {
        "ARENA_VAR": str(_var),
        "WEIGHTS_DIR": os.environ.get("WEIGHTS_DIR", str(ROOT / "var" / "weights")),
        **_servers.urls,
    }
    _servers.ensure()
    _forget_when_power_fails(_servers.urls["DATABASE_URL"])


def _forget_when_power_fails(url: str) -> None:
    """Nothing here outlives the run, so commits need not wait for the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def pytest_unconfigure() -> None:
    _servers.release()
    shutil.rmtree(_var, ignore_errors=True)
