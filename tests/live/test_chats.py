"""Chats with named models in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import shoot
from .site import USUAL_TOKENS, Site, until
from .test_browser import assert_accessible

pytestmark = pytest.mark.browser

STORY = "Write a long story about a lighthouse."


def choose(page: Page, *names: str) -> None:
    page.goto("/chats/")
    for label, name in zip(("Model", "Side by side with"), names, strict=False):
        page.get_by_label(label, exact=True).select_option(label=name)


def names(page: Page) -> list[str]:
    """The models to choose from, once their worker has said that it serves them."""

    def offered() -> list[str]:
        page.goto("/chats/")
        return page.get_by_label("Model", exact=True).locator("option").all_inner_texts()

    return until(offered, "models to choose from")


def test_chat_streams_is_stopped_continued_and_counts_nowhere(page: Page, site: Site) -> None:
    first, second, *_ = names(page)
    votes = site.rows("SELECT count(*) FROM arena_battle")
    site.answer_briefly(800)
    choose(page, first, second)
    assert_accessible(page)
    shoot(page, "chat-choice")
    page.get_by_label("Your prompt").fill(STORY)
    page.get_by_role("button", name="Ask").click()
    pane = page.locator('.pane[data-side="A"]')
    expect(pane.get_by_role("heading", name=first)).to_be_visible()
    answer = pane.locator(".answer")
    for each in page.locator(".pane .answer").all():
        expect(each).to_contain_text(re.compile(r"\w"))
    expect(answer).not_to_have_text(answer.inner_text())
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped before")).to_have_count(2)
    site.answer_briefly(USUAL_TOKENS)
    page.get_by_label("Your next prompt").fill("And then?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#turn-2 .answer").first).to_contain_text(" ")
    expect(page.get_by_label("Your next prompt")).to_be_visible()
    assert page.get_by_role("button", name="Stop").count() == 0
    assert_accessible(page)
    shoot(page, "chat")
    assert site.rows("SELECT count(*) FROM arena_battle") == votes


def test_chat_with_one_model_works_without_a_script(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    choose(page, names(page)[0])
    page.get_by_label("Your prompt").fill("Say hello.")
    page.get_by_role("button", name="Ask").click()
    for _ in range(60):
        if page.get_by_label("Your next prompt").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator(".pane")).to_have_count(1)
    expect(page.locator(".pane .answer")).not_to_be_empty()
    context.close()
