"""A connection that carries nothing, and a tab that slept: the page never gets stuck and never says
what is not so. Minutes pass by the page's own clock."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from arena.models import Battle

from ..site import until
from .conftest import Server, open_
from .test_choosing import HIDE, pressed, verdicts
from .test_states import choice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reading(page: Page, battle: Battle, server: Server) -> Page:
    """Twenty words of each side are shown."""
    page.clock.install()
    open_(page, battle)
    until(lambda: len(server.lines) == 1, "a connection")
    server.text(20)
    says(page, "Vote whenever you know")
    return page


def says(page: Page, sentence: str) -> None:
    expect(page.locator("[data-verdict] [role=status]")).to_contain_text(sentence)


@pytest.mark.parametrize("seconds", [20, 60, 180])
def test_silence_is_told_and_ends_by_itself(reading: Page, server: Server, seconds: int) -> None:
    """As through a proxy that keeps the connection and carries nothing."""
    for _ in range(seconds // 10):
        reading.clock.run_for(10_000)
    says(reading, "Connection lost")
    expect(reading.get_by_text("writing …")).to_have_count(0)
    until(lambda: len(server.lines) > 1, "another connection")
    assert len(server.lines) <= 2 + seconds // 10
    assert "at=2.20" in server.lines[-1].url
    server.text(24)
    says(reading, "Vote whenever you know")
    expect(reading.get_by_text("writing …")).to_have_count(2)


def test_heartbeats_keep_a_silent_battle_connected(reading: Page, server: Server) -> None:
    for _ in range(36):
        reading.clock.run_for(5_000)
        server.send(op="beat")
        reading.evaluate("1")  # it has arrived
    says(reading, "Vote whenever you know")
    assert len(server.lines) == 1


def test_tab_that_slept_goes_on_where_it_was(reading: Page, server: Server) -> None:
    reading.evaluate(HIDE, True)
    reading.clock.fast_forward(180_000)
    lines = len(server.lines)
    reading.evaluate(HIDE, False)
    until(lambda: len(server.lines) > lines or lines > 1, "another connection")
    server.text(40)
    says(reading, "Vote whenever you know")
    expect(reading.locator("[data-at]")).to_have_attribute("data-at", "2.40")


def test_undo_without_a_connection_and_in_the_queue_says_what_holds(
    page: Page, battle: Battle, server: Server
) -> None:
    """Each sentence in its turn, the latest decision first; and nothing is stored."""
    open_(page, battle)
    until(lambda: len(server.lines) == 1, "a connection")
    server.text(20)
    says(page, "Vote whenever you know")
    choice(page, "A is better").click()
    says(page, "A is better")
    server.is_away = True
    page.context.set_offline(True)
    says(page, "A is better")
    choice(page, "A is better").click()
    says(page, "your choice is kept")
    page.keyboard.press("u")
    says(page, "Connection lost")
    assert pressed(page) == []

    server.is_away, before = False, len(server.lines)
    page.context.set_offline(False)
    until(lambda: page.evaluate("1") and len(server.lines) > before, "another connection")
    waits = "2 answers are ahead of yours: about 9 s."
    server.send(op="queue", message=waits)  # an answer begins anew
    says(page, waits)
    page.keyboard.press("4")
    says(page, "B is better")
    page.keyboard.press("u")
    says(page, waits)
    until(lambda: page.evaluate("1") and len(server.lines) > before + 1, "another connection")
    server.text(24)
    says(page, "Vote whenever you know")
    assert verdicts() == []
