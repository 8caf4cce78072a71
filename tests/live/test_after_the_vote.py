"""What follows a vote, in a real browser: the reveal, reasons, sharing, and the next battle."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import shoot
from .site import Site
from .test_browser import assert_accessible, begin, wait_until_complete

pytestmark = pytest.mark.browser


def vote(page: Page) -> None:
    begin(page, "Say hello to ada@example.org.")
    expect(page.get_by_role("alert")).to_contain_text("an e-mail address: ada@example.org")
    page.get_by_role("button", name="Send it anyway").click()
    wait_until_complete(page)
    page.get_by_role("button", name="B is better").click()
    expect(page.get_by_role("region", name="Your vote: B is better")).to_be_focused()


def assert_accessible_in_both_themes(page: Page) -> None:
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page)


def say_why(page: Page) -> None:
    """With the keyboard alone, without a button."""
    saved = page.locator("[data-reasons] [data-status]")
    page.get_by_role("group", name=re.compile("^Answer A,")).get_by_label("accurate").focus()
    page.keyboard.press("Space")
    expect(saved).to_have_text("Saved")
    page.get_by_role("group", name=re.compile("^Answer B,")).get_by_label("Comment").fill("Curt.")
    page.keyboard.press("Tab")
    expect(saved).to_have_text("Saved")
    page.reload()
    expect(page.get_by_label("accurate").first).to_be_checked()
    expect(page.get_by_label("Comment").last).to_have_value("Curt.")


def say_why_without_scripts(page: Page, chromium: Browser) -> None:
    known = page.context.storage_state()
    with chromium.new_context(java_script_enabled=False, storage_state=known) as plain:
        other = plain.new_page()
        other.goto(page.url)
        other.get_by_label("creative").first.check()
        other.get_by_role("button", name="Save").click()
        expect(other.get_by_label("creative").first).to_be_checked()
        expect(other.get_by_label("accurate").first).to_be_checked()


def share(page: Page) -> str:
    """The link of the shared battle, as it was copied."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = page.get_by_role("region", name="Share this battle")
    panel.get_by_role("checkbox").check()
    panel.get_by_role("button", name="Share this battle").click()
    panel.get_by_role("button", name="Copy link").click()
    expect(panel.get_by_text("Copied")).to_be_visible()
    link: str = page.evaluate("navigator.clipboard.readText()")
    return link


def test_reveal_reasons_share_and_the_next_battle(
    page: Page, chromium: Browser, site: Site
) -> None:
    vote(page)
    say_why(page)
    say_why_without_scripts(page, chromium)
    page.reload()
    assert_accessible_in_both_themes(page)
    shoot(page, "reveal-before-sharing")
    link = share(page)
    shoot(page, "reveal-shared")
    assert_accessible_in_both_themes(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    with chromium.new_context(base_url=site.url, reduced_motion="reduce") as elsewhere:
        other = elsewhere.new_page()
        other.goto(link)
        expect(other.get_by_role("heading", level=1)).to_contain_text("was preferred to")
        expect(other.get_by_text("Say hello to [e-mail].")).to_be_visible()
        shoot(other, "shared")
        assert_accessible_in_both_themes(other)
        other.set_viewport_size({"width": 320, "height": 640})
        assert other.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("button", name="Stop sharing").click()
        expect(page.get_by_role("button", name="Share this battle")).to_be_visible()
        other.reload()
        expect(other.get_by_text("This battle is not shared, or no longer.")).to_be_visible()

    before = page.url
    page.keyboard.press("n")
    expect(page.get_by_label("Your next prompt")).to_be_focused()
    page.keyboard.type("Say goodbye.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say goodbye.")).to_be_visible()
    assert page.url.split("#")[0] != before.split("#")[0]
