"""What a volunteer's page says about its connection, and where its buttons are, in Chromium."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from .conftest import shoot
from .test_browser import ANSWER_MS, begin, pane, wait_until_complete

pytestmark = pytest.mark.browser

LOST = "Connection lost. Reconnecting …"
STORY = "Tell a long story about a lighthouse keeper and a whale."


def status(page: Page) -> str:
    return page.locator("[data-status]").inner_text()


def begin_and_see_words(page: Page, prompt: str = STORY) -> None:
    begin(page, prompt)
    expect(page.locator(".answer .block").first).to_be_visible(timeout=ANSWER_MS)


def assert_whole(page: Page) -> None:
    """The text received over the broken connection equals the stored text."""
    wait_until_complete(page)
    live = pane(page, "A"), pane(page, "B")
    page.reload()
    assert (pane(page, "A"), pane(page, "B")) == live


def test_page_that_is_offline_says_so_at_once_and_goes_on_by_itself(page: Page) -> None:
    begin_and_see_words(page)
    expect(page.get_by_text("writing …")).to_have_count(2)
    page.context.set_offline(True)
    expect(page.locator("[data-status]")).to_have_text(LOST, timeout=2000)
    expect(page.get_by_text("writing …")).to_have_count(0)
    shoot(page, "offline")
    page.context.set_offline(False)
    expect(page.locator("[data-status]")).not_to_have_text(LOST, timeout=5000)
    assert_whole(page)


def test_connection_that_carries_nothing_any_more_is_replaced(page: Page) -> None:
    """The connection stays open, as behind a router that has dropped its state: no close, no
    error."""
    lines: list[WebSocketRoute] = []
    swallowed: list[WebSocketRoute] = []

    def route(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        lines.append(line)
        server.on_message(lambda said: None if line in swallowed else line.send(said))

    page.route_web_socket("**/ws/**", route)
    begin_and_see_words(page)
    swallowed.append(lines[0])
    begun = time.monotonic()
    while len(lines) < 2:
        page.wait_for_timeout(100)
        assert time.monotonic() - begun < 30
    assert_whole(page)


def test_stop_is_in_reach_on_a_phone_however_far_one_has_read(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    begin_and_see_words(page)
    stop = page.get_by_role("button", name="Stop")
    for far in (0, 300, 10_000):
        page.evaluate(f"scrollTo(0, {far})")
        box = stop.bounding_box()
        assert box is not None
        assert 0 < box["y"] < 844 - box["height"]
        covers = "e => e.contains(document.elementFromPoint(%f, %f))"
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        assert stop.evaluate(covers % (x, y))
    stop.click()
    wait_until_complete(page)
    expect(stop).to_be_hidden()
    shoot(page, "stopped")


def test_verdicts_stand_as_they_are_read(page: Page) -> None:
    begin(page, "Say hello.")
    wait_until_complete(page)
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        names = ("A is better", "B is better", "Tie", "Both are bad", "Can’t tell")
        a, b, *rest = (page.get_by_role("button", name=name).bounding_box() for name in names)
        assert a
        assert b
        assert a["y"] == b["y"]
        assert {box["y"] > a["y"] for box in rest if box} == ({True} if width < 700 else {False})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_long_prompt_is_folded_and_can_be_read(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    begin(page, "Which of these is best?\n" + "A line of many.\n" * 60 + "The very last.")
    expect(page.get_by_text("The very last.")).to_be_hidden()
    top = page.locator(".pane").first.bounding_box()
    assert top is not None
    assert top["y"] < 844
    shoot(page, "folded")
    page.get_by_text("Show all").click()
    expect(page.get_by_text("The very last.")).to_be_visible()
    page.get_by_text("Show less").click()
    expect(page.get_by_text("The very last.")).to_be_hidden()
    wait_until_complete(page)
