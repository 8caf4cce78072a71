"""A battle's page in Chromium, without any model: its rows are in the database, and the test plays
the server's end of the websocket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from arena.models import Answer, Battle, Campaign, Contestant, Side, Turn
from arena.votes.voters import remember
from tests import factories

TEXT = "A lighthouse keeper watches the whale come back each winter. " * 4


@pytest.fixture(autouse=True, scope="module")
def beside_playwright() -> Iterator[None]:
    """It leaves an event loop running in this thread, where Django is used synchronously."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@dataclass
class Server:
    """The server's end of the page's websockets."""

    lines: list[WebSocketRoute] = field(default_factory=list)
    is_away: bool = False

    def route(self, line: WebSocketRoute) -> None:
        self.lines.append(line)
        if self.is_away:
            line.close()

    def send(self, **frame: Any) -> None:
        self.lines[-1].send(json.dumps(frame))

    def text(self, words: int, complete: str = "") -> None:
        """So many words of both sides; side `complete` has only seven."""
        panes = []
        for side in "AB":
            shown = " ".join(TEXT.split()[: 7 if side == complete else words])
            blocks = [f"<p>{shown}</p>"]
            about = {"side": side, "complete": side == complete, "keep": 0, "from": 0}
            panes.append({**about, "blocks": blocks})
        self.send(op="text", at=f"2.{words}", panes=panes)


@pytest.fixture
def battle(transactional_db: None) -> Battle:
    """Its answers are queued."""
    campaign = Campaign.objects.create(slug="arena", name="The arena")
    a, b = (
        factories.contestant(name, state=Contestant.State.ACTIVE) for name in ("Xylo", "Quetzal")
    )
    made = factories.battle(campaign, a, b)
    turn = Turn.objects.create(battle=made, number=1, prompt="Tell me a story about a whale.")
    for side, of in zip(Side, (a, b), strict=True):
        Answer.objects.create(turn=turn, side=side, revision=factories.revision(of), attempt=1)
    return made


@pytest.fixture
def patience(settings: Settings) -> Settings:
    """A choice stands until the test has done with it."""
    settings.UNDO_SECONDS = 600
    return settings


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(
    chromium: Browser, live_server: LiveServer, battle: Battle, server: Server, patience: Settings
) -> Iterator[Page]:
    """The voter's browser."""
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
    become(context, battle, live_server.url)
    page = context.new_page()
    page.route_web_socket("**/ws/**", server.route)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def become(context: BrowserContext, battle: Battle, url: str) -> None:
    response = HttpResponse()
    remember(response, battle.voter)
    for name, each in response.cookies.items():
        context.add_cookies([{"name": name, "value": each.value, "url": url}])
    # Where the live server looks, files have no hashes.
    context.route("**/static/**", collected)
    context.set_default_timeout(60_000)


def collected(route: Route) -> None:
    route.fulfill(path=settings.STATIC_ROOT / route.request.url.partition("/static/")[2])


def open_(page: Page, battle: Battle) -> None:
    page.goto(f"/battles/{battle.public_id}/")
    expect(page.locator(".verdict:not([data-keys])")).to_have_count(0)  # the script is there


def write_down(battle: Battle, **changes: Any) -> None:
    usual = {"state": Answer.State.DONE, "text": TEXT, "finish_reason": "stop"}
    Answer.objects.filter(turn__battle=battle).update(**{**usual, **changes})
