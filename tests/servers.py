"""Starts the servers of a test run before Django's settings, which name them, are loaded.

Always separate servers: a test never touches the database or broker that the environment names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config.embedded import Servers
from inference.contract import private_hosts
from tests import migrated

from .unlimited import UNLIMITED

ROOT = Path(__file__).resolve().parent.parent
# Where downloaded weights stay; each process links them into a folder of its own.
KEPT_WEIGHTS = Path(os.environ.get("ARENA_WEIGHTS_CACHE", ROOT / "var" / "weights"))

_var = Path(tempfile.mkdtemp(prefix="evenhand-test-"))
_var.chmod(0o755)  # when run as root, PostgreSQL's account needs access
_servers = Servers(_var, environ={})


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Each process of a run has servers of its own; the one that hands out the tests needs none."""
    os.environ |= {
        "ARENA_VAR": str(_var),
        "WEIGHTS_DIR": str(_var / "weights"),
        **UNLIMITED,
        "FETCH_HOSTS": private_hosts.THIS_MACHINE,  # as `make up` has it on one's own machine
        "MODEL_THREADS": "1",  # two on two busy cores wait for each other: twice the time
        **_servers.urls,
    }
    hands_out = getattr(early_config.known_args_namespace, "numprocesses", None)
    if hands_out and "PYTEST_XDIST_WORKER" not in os.environ:
        return
    migrated.copy_to(_var / "postgres" / "data")
    _servers.ensure()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Not later: a process that only ran its share of the tests is killed soon after."""
    _servers.release()


def pytest_unconfigure() -> None:
    _servers.release()
    shutil.rmtree(_var, ignore_errors=True)
