from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from arena import broker

Limit = Callable[..., None]
SCOPES = {"voter": "", "prefix": "", "all": ""}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """What other tests have done is forgotten."""
    connection = broker.connection()
    for key in connection.scan_iter("limits*"):
        connection.delete(key)


@pytest.fixture
def limit(settings: Settings) -> Limit:
    """Only what the test names is limited: `limit(votes={"prefix": "60/minute"})`."""

    def limit(**rates: dict[str, str]) -> None:
        whats = ("prompts", "battles", "votes", "pairs")
        settings.LIMITS = {what: SCOPES | rates.get(what, {}) for what in whats}
        settings.OPEN_BATTLES = {"voter": 0, "prefix": 0, "all": 0} | rates.get("open", {})

    return limit
