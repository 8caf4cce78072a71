from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.engine import Engine

from .asking import wait_until


@pytest.fixture(scope="session")
def shared_engine(weights: Path) -> Iterator[Engine]:
    engine = Engine(weights, slots=4, context=1024)
    yield engine
    engine.close()


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    """The shared engine, idle: four slots, 1,024 tokens each."""
    wait_until(lambda: shared_engine.free_slots == 4)
    return shared_engine


@pytest.fixture
def own_engine(weights: Path) -> Iterator[Engine]:
    """An engine that a test may break: two slots, 512 tokens each."""
    engine = Engine(weights, slots=2, context=512)
    yield engine
    engine.close()
