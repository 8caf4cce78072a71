"""Starts the servers of a test run before Django's settings, which name them, are loaded.

Always its own: a test never touches the database or broker that the environment names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config.embedded import Servers

ROOT = Path(__file__).resolve().parent.parent

_var = Path(tempfile.mkdtemp(prefix="evenhand-test-"))
_var.chmod(0o755)  # when we are root, PostgreSQL's account has to get in
_servers = Servers(_var, environ={})


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    os.environ |= {
        "ARENA_VAR": str(_var),
        "WEIGHTS_DIR": os.environ.get("WEIGHTS_DIR", str(ROOT / "var" / "weights")),
        **_servers.urls,
    }
    _servers.ensure()


def pytest_unconfigure() -> None:
    _servers.release()
    shutil.rmtree(_var, ignore_errors=True)
