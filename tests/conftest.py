from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from inference.weights import SMOLLM2, fetch


@pytest.fixture(scope="session")
def weights() -> Path:
    """A real, small model; downloaded on the first run on a machine."""
    return fetch(SMOLLM2, settings.WEIGHTS_DIR)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Pages name their style sheets and scripts by content."""
    call_command("collectstatic", verbosity=0, interactive=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright leaves an event loop running, in which Django won't work."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
