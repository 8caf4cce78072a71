"""A suspected visitor whose browser computes, or runs no script of ours: the slower path."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from arena.limiting import proof, proof_counts, suspicion

from ...site import until
from ..conftest import collected
from ..looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PROMPT, WAIT_S = "Tell me a story about a whale.", 3
TOLD = f"Without JavaScript, wait {WAIT_S} seconds, then send it again."


@pytest.fixture
def outcomes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Of the proofs that everybody is asked for."""
    noted = set[str]()
    settings.PROOF_OF_WORK = suspicion.MOST
    monkeypatch.setattr(proof_counts, "note", noted.add)
    monkeypatch.setattr(suspicion, "level_of", lambda _: suspicion.MOST)
    monkeypatch.setattr(proof, "WAITS_S", {suspicion.MOST: WAIT_S})
    return noted


@pytest.mark.usefixtures("arena")
@pytest.mark.parametrize("blocks", [False, True], ids=["off", "blocked"])
def test_visitor_without_scripts_is_told_to_wait_and_then_goes_on(
    chromium: Browser, live_server: LiveServer, outcomes: set[str], blocks: bool
) -> None:
    """Scripts are off, or the browser blocks ours; then axe's can look at the page."""
    usual: dict[str, Any] = {"base_url": live_server.url, "java_script_enabled": blocks}
    with chromium.new_context(**usual) as context:
        context.route("**/static/**", collected)
        context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        page.goto("/")
        page.get_by_role("textbox").fill(PROMPT)
        send(page)
        expect(page.get_by_text(TOLD)).to_be_visible()
        expect(page.get_by_role("textbox")).to_have_value(PROMPT)
        expect(page.get_by_text("Your browser is calculating")).to_be_hidden()
        for _ in examine(page, "slower-path") if blocks else ():
            pass
        until(lambda: has_sent(page), "the battle, once the wait is over")
        expect(page.get_by_text(PROMPT).first).to_be_visible()
    assert outcomes == {"asked", "unverified"}


@pytest.mark.usefixtures("arena")
def test_visitor_with_scripts_goes_on_by_itself(
    chromium: Browser, live_server: LiveServer, outcomes: set[str]
) -> None:
    """Trusted Types, workers and the widget of others agree with each other."""
    errors: list[str] = []
    with chromium.new_context(base_url=live_server.url) as context:
        context.route("**/static/**", collected)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/")
        page.get_by_role("textbox").fill(PROMPT)
        send(page)
        expect(page.locator("[data-battle]")).to_be_visible(timeout=120_000)
    assert outcomes == {"asked", "proven"}
    assert errors == []


def send(page: Page) -> None:
    page.get_by_role("button", name="Start the battle").click()


def has_sent(page: Page) -> bool:
    """After another try."""
    send(page)
    return page.get_by_text(TOLD).count() == 0
