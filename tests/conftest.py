from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import celery._state
import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import TransactionTestCase
from django.utils import timezone
from servestatic.middleware import ServeStaticMiddleware
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.celery import app as site
from inference.contract.weights import SMOLLM2, fetch
from tests import database, servers

REAL_NOW = timezone.now
MIDNIGHT = REAL_NOW().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

# Anything that takes more than a few milliseconds: a database, a model, servers, processes, fits.
SLOW_FIXTURES = {"db", "transactional_db", "django_db_setup", "weights", "connection"}
SLOW_FOLDERS = ("live", "config", "inference", "ratings/core", "ratings/cli")
HERE = Path(__file__).parent
LIVE = HERE / "live"
# On a busy machine whatever is timed is slow.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")
HARMING = {"test_faults.py", "test_own_servers.py", "test_recovery.py", "test_supervision.py"}


@pytest.fixture(scope="session", autouse=True)
def one_day() -> Iterator[None]:
    """Freeze the date, so that a run past midnight stays in its first day and the days and months
    named in tests match those in the code."""

    def now() -> datetime:
        return min(REAL_NOW(), MIDNIGHT - timedelta(microseconds=1))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", now)
        yield


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Nothing is left to do: the database came migrated (`tests.migrated`)."""


@pytest.fixture(scope="session")
def weights() -> Path:
    """A real, small model; downloaded on the first run on a machine."""
    kept = fetch(SMOLLM2, servers.KEPT_WEIGHTS)
    settings.WEIGHTS_DIR.mkdir(exist_ok=True)
    link = settings.WEIGHTS_DIR / kept.name
    link.symlink_to(kept.resolve())
    return link


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Collect the static files, whose names on pages contain a hash.

    Every Django test client has its own middleware, which scans all of these files: 0.1 s per test.
    Here the first scan is shared by all.
    """
    call_command("collectstatic", verbosity=0, interactive=False)
    look = ServeStaticMiddleware.add_files_from_manifest
    files: dict[str, object] = {}

    def look_once(middleware: ServeStaticMiddleware) -> None:
        if not files:
            look(middleware)
            files.update(middleware.files)
        middleware.files.update(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServeStaticMiddleware, "add_files_from_manifest", look_once)
        yield


@pytest.fixture(autouse=True)
def one_queue() -> Iterator[None]:
    """A Celery app that a test makes must not stay the current one: whatever sends a task after it
    would ask its broker, which is gone."""
    yield
    left = celery._state.get_current_app()
    site.set_current()
    assert left is site, "give the test's own Celery set_as_current=False"


@pytest.fixture(scope="session", autouse=True)
def quick_to_empty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty)
        yield


class Whole(LoadScopeScheduling):
    """A file's tests stay in one process. Those of a running arena share two arenas: one is killed
    and restarted part by part, the other is not."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder, _, name = file.rpartition("/")
        if folder != f"tests/{LIVE.name}":
            return file
        return f"{LIVE.name} and harmed" if name in HARMING else LIVE.name


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores, since half of the time a test waits for other processes."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Whole:
    return Whole(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The running arena first, because its tests take longest, and browser tests last in it:
    Playwright leaves an event loop running, in which Django refuses to work."""
    items.sort(key=_turn)
    for item in items:
        if is_fast(item):
            item.add_marker("fast")


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    return LIVE not in item.path.parents, item.get_closest_marker("browser") is not None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where nothing is fast, nothing is imported to find that out: it takes longer than the tests
    that are."""
    inside = any(collection_path == HERE / folder for folder in SLOW_FOLDERS)
    return True if inside and config.option.markexpr == "fast" else None


def is_fast(item: pytest.Item) -> bool:
    """Whether a test uses nothing slow and is not marked as slow itself."""
    needed = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    inside = any(HERE / folder in item.path.parents for folder in SLOW_FOLDERS)
    marked = any(item.get_closest_marker(name) for name in ("slow", "django_db"))
    return not (needed or inside or marked)
