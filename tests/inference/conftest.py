from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As for the workers that tests start: see `MODEL_THREADS` in tests/servers.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inference.engine.hardware.usable_cores", lambda: 1)
        yield
