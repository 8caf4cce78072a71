"""The start page in Chromium: battles that lack a vote, and suggestions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import shoot
from .site import USUAL_TOKENS, Site
from .test_browser import assert_accessible, begin, wait_until_complete

pytestmark = pytest.mark.browser

# What a page is told that the Back button brings from the browser's memory. Playwright has no such
# memory, so it is told without having been there.
BROUGHT_BACK = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


def unvoted(page: Page) -> Locator:
    return page.locator("[data-unvoted] a")


def test_battles_without_a_vote_are_found_in_every_tab_and_after_going_back(
    page: Page, site: Site
) -> None:
    site.answer_briefly(8)
    tabs = [page, page.context.new_page(), page.context.new_page()]
    for number, tab in enumerate(tabs):
        begin(tab, f"Say {number}.")
    for tab in tabs:
        wait_until_complete(tab)
    site.answer_briefly(USUAL_TOKENS)
    front = page.context.new_page()
    front.goto("/")
    expect(unvoted(front)).to_have_text(["Say 2.", "Say 1.", "Say 0."])
    expect(front.get_by_role("heading", name="You have battles without a vote")).to_be_visible()
    shoot(front, "unvoted")
    for theme in ("light", "dark"):
        front.emulate_media(color_scheme=theme)
        assert_accessible(front)

    tabs[2].get_by_role("button", name="Tie").click()
    expect(tabs[2].locator("#reveal")).to_be_visible()
    front.evaluate(BROUGHT_BACK)
    expect(unvoted(front)).to_have_text(["Say 1.", "Say 0."])
    unvoted(front).first.click()
    front.get_by_role("button", name="Tie").click()
    expect(front.locator("#reveal")).to_be_visible()
    front.go_back()
    front.go_back()
    expect(unvoted(front)).to_have_text(["Say 0."])
    expect(front.get_by_role("heading", name="You have a battle without a vote")).to_be_visible()
    unvoted(front).click()
    expect(front.get_by_role("button", name="Tie")).to_be_enabled()
    page.get_by_role("button", name="Tie").click()
    expect(page.locator("#reveal")).to_be_visible()
    front.evaluate(BROUGHT_BACK)
    expect(front.locator("#reveal")).to_be_visible()
    page.goto("/")
    expect(unvoted(page)).to_have_count(0)


def test_suggestion_fills_the_box_and_others_come_without_a_reload(
    page: Page, chromium: Browser, site: Site
) -> None:
    page.goto("/?suggestions=0")
    box = page.get_by_label("Your prompt")
    box.fill("Mine")
    page.get_by_role("link", name="Explain [how vaccines work] to a curious ten-year-old.").click()
    expect(box).to_have_value("Explain [how vaccines work] to a curious ten-year-old.")
    expect(box).to_be_focused()
    page.keyboard.type("how ships float")
    expect(box).to_have_value("Explain how ships float to a curious ten-year-old.")
    page.get_by_role("link", name="Suggest others").click()
    expect(page.get_by_role("link", name="Why is the sky blue by day")).to_be_visible()
    expect(page.get_by_role("link", name="Explain [how vaccines work]")).to_have_count(0)
    expect(box).to_have_value("Explain how ships float to a curious ten-year-old.")
    expect(page.get_by_role("link", name="Suggest others")).to_be_focused()
    assert_accessible(page)

    plain = chromium.new_context(base_url=site.url, java_script_enabled=False)
    reader = plain.new_page()
    reader.goto("/?suggestions=0")
    reader.get_by_role("link", name="Suggest others").click()
    reader.get_by_role("link", name="Why is the sky blue by day").click()
    expect(reader.get_by_label("Your prompt")).to_have_value(
        "Why is the sky blue by day and red in the evening?"
    )
    plain.close()
