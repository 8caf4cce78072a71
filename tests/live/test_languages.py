"""A battle in another language, from the switch to the reveal."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .test_browser import ANSWER_MS, PROMPT, assert_accessible

pytestmark = pytest.mark.browser


def test_battle_speaks_the_language_that_was_chosen(page: Page) -> None:
    page.goto("/about/")
    page.get_by_role("link", name="Deutsch").click()
    expect(page).to_have_url(re.compile(r"/de/about/$"))
    expect(page.locator("html")).to_have_attribute("lang", "de")

    page.goto("/")  # the next visit
    expect(page).to_have_url(re.compile(r"/de/$"))
    page.get_by_label("Ihr Prompt").fill(PROMPT)
    page.get_by_role("button", name="Duell starten").click()
    expect(page).to_have_url(re.compile(r"/de/battles/[\w-]+/$"))
    expect(page.get_by_role("button", name="Gleich gut")).to_be_enabled(timeout=ANSWER_MS)
    assert_accessible(page)
    page.get_by_role("button", name="Stopp").click()
    expect(page.locator(".note").first).to_have_text("Beide Antworten wurden hier gestoppt.")

    page.get_by_role("button", name="Keine ist gut").click()
    expect(page.get_by_role("heading", name="Ihr Urteil: Keine ist gut")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"//[^/]+/battles/"))
    expect(page.get_by_role("heading", name="Your vote: Both are bad")).to_be_visible()
