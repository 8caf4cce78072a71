from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import TransactionTestCase
from django.utils import timezone
from servestatic.middleware import ServeStaticMiddleware

from inference.contract.weights import SMOLLM2, fetch
from tests import database

REAL_NOW = timezone.now
MIDNIGHT = REAL_NOW().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

# Anything that takes more than a few milliseconds: a database, a model, servers, processes, fits.
SLOW_FIXTURES = {"db", "transactional_db", "django_db_setup", "weights", "connection"}
SLOW_FOLDERS = ("live", "config", "inference", "ratings/core", "ratings/cli")
HERE = Path(__file__).parent


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
def weights() -> Path:
    """A real, small model; downloaded on the first run on a machine."""
    return fetch(SMOLLM2, settings.WEIGHTS_DIR)


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


@pytest.fixture(scope="session", autouse=True)
def quick_to_empty() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright leaves an event loop running, in which Django refuses to
    work."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if is_fast(item):
            item.add_marker("fast")


def is_fast(item: pytest.Item) -> bool:
    """Whether a test uses nothing slow and is not marked as slow itself."""
    needed = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    inside = any(HERE / folder in item.path.parents for folder in SLOW_FOLDERS)
    marked = any(item.get_closest_marker(name) for name in ("slow", "django_db"))
    return not (needed or inside or marked)
