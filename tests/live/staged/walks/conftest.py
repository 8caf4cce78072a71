from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from arena import broker
from inference.contract.limits import PRESENCE
from inference.contract.presence import Heartbeat, publish, withdraw
from tests.bending import bend

from ..conftest import Server, collected
from .stage import NAMES, Stage, set_up, weights_of
from .visitors import KINDS, Visitor


@pytest.fixture
def arena(
    transactional_db: None, patience: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Its models are online, and only the test answers."""
    patience.NAMED_CHATS = True
    bend(monkeypatch, PRESENCE, kept_s=600)  # one heartbeat has to last
    beat = Heartbeat("test-worker", tuple(map(weights_of, NAMES)), 8)
    set_up()
    publish(broker.connection(), beat)
    yield
    withdraw(broker.connection(), beat)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def visitor(
    request: pytest.FixtureRequest,
    chromium: Browser,
    live_server: LiveServer,
    arena: None,
    server: Server,
) -> Iterator[Visitor]:
    kind: type[Visitor] = request.param
    context = chromium.new_context(base_url=live_server.url, **kind.options)
    context.route("**/static/**", collected)
    context.set_default_timeout(60_000)
    page = context.new_page()
    if kind.script:
        page.add_init_script(kind.script)
    page.route_web_socket("**/ws/**", server.route)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    yield kind(page)
    context.close()
    assert errors == []


@pytest.fixture
def stage(server: Server, visitor: Visitor) -> Stage:
    return Stage(server, visitor.page, has_scripts=visitor.has_scripts)
