"""The prompt box in Chromium: its keys, its count, and a draft that nothing loses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from arena.limits import PROMPTS

from .conftest import shoot
from .site import Site
from .test_browser import assert_accessible

pytestmark = pytest.mark.browser

KEPT = "Keep\nthis, please"


@pytest.fixture
def touch(chromium: Browser, site: Site) -> Iterator[Page]:
    """A phone."""
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def careless(chromium: Browser, site: Site) -> Iterator[Page]:
    """Somebody whose requests fail; the page's console may say so."""
    context = chromium.new_context(base_url=site.url)
    yield context.new_page()
    context.close()


def box(page: Page) -> Locator:
    return page.get_by_label("Your prompt")


def test_enter_sends_shift_enter_breaks_and_an_input_method_keeps_its_enter(page: Page) -> None:
    page.goto("/")
    box(page).press_sequentially("Say")
    box(page).press("Shift+Enter")
    before = box(page).bounding_box()
    for _ in range(9):
        box(page).press("Shift+Enter")
    after = box(page).bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    assert box(page).input_value() == "Say" + 10 * "\n"

    method = page.context.new_cdp_session(page)
    composed = {"text": "こんにちは", "selectionStart": 5, "selectionEnd": 5}
    method.send("Input.imeSetComposition", composed)
    box(page).press("Enter")
    method.send("Input.insertText", {"text": "こんにちは"})
    assert "こんにちは" in box(page).input_value()
    expect(page).to_have_url("/")

    page.get_by_label("Enter sends").uncheck()
    page.reload()
    expect(page.get_by_label("Enter sends")).not_to_be_checked()
    box(page).press("Control+End")
    box(page).press("Enter")
    assert box(page).input_value().endswith("\n")
    page.get_by_label("Enter sends").check()
    box(page).press("Enter")
    expect(page.locator("[data-battle]")).to_be_attached()


def test_on_touch_enter_breaks_and_the_button_sends(touch: Page) -> None:
    touch.goto("/")
    expect(touch.get_by_label("Enter sends")).to_be_hidden()
    box(touch).tap()
    box(touch).press_sequentially("Say hello.")
    box(touch).press("Enter")
    assert box(touch).input_value() == "Say hello.\n"
    touch.get_by_role("button", name="Start the battle").tap()
    expect(touch.locator("[data-battle]")).to_be_attached()


def test_limit_is_counted_and_pasting_beyond_it_cuts_nothing(page: Page) -> None:
    page.goto("/")
    button = page.get_by_role("button", name="Start the battle")
    box(page).press("Enter")
    expect(page.get_by_text("Write a prompt first.").first).to_be_visible()
    assert_accessible(page)
    box(page).fill("😀" * (PROMPTS.characters - 120))
    expect(page.locator("[data-said]")).to_have_text("120 characters left")
    expect(page.locator("[data-aloud]")).to_have_text("120 characters left")
    paste = "document.execCommand('insertText', false, 'x'.repeat(1354))"
    page.evaluate(paste)
    too_long = "This is 1,234 characters too long. Nothing was cut: shorten it, then send it."
    expect(page.locator("[data-said]")).to_have_text(too_long)
    expect(button).to_be_disabled()
    assert box(page).input_value().endswith("x" * 1354)
    box(page).press("Enter")
    expect(page).to_have_url("/")
    shoot(page, "too-long")
    assert_accessible(page)
    box(page).fill("Short")
    expect(button).to_be_enabled()
    expect(page.locator("[data-said]")).to_be_hidden()


def test_unsent_prompt_survives_reload_offline_error_and_expired_session(careless: Page) -> None:
    page = careless
    send = page.get_by_role("button", name="Start the battle")
    page.goto("/")
    box(page).fill(KEPT)
    page.reload()
    expect(box(page)).to_have_value(KEPT)
    page.context.set_offline(True)
    send.click()
    expect(page.get_by_text("You are offline.").first).to_be_visible()
    page.context.set_offline(False)

    broken = "**/battles/"
    page.route(broken, lambda route: route.fulfill(status=500, body="Sorry"))
    send.click()
    expect(page.get_by_text("Sorry")).to_be_visible()
    page.goto("/")
    expect(box(page)).to_have_value(KEPT)
    page.unroute(broken)

    page.context.clear_cookies()
    send.click()
    expect(page.get_by_text("Your text is still in the box")).to_be_visible()
    expect(box(page)).to_have_value(KEPT)
    box(page).fill(KEPT + "!")
    page.goto("/")
    expect(box(page)).to_have_value(KEPT + "!")

    send.click()
    expect(page.locator("[data-prompt]")).to_have_text(KEPT + "!")
    page.goto("/")
    expect(box(page)).to_have_value("")
