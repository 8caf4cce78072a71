"""The leaderboard in a real browser, on the real votes of August 2024."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.ratings.core.real_votes import august_2024

from .conftest import shoot
from .site import ROOT, Site, until

pytestmark = pytest.mark.browser

BOARD = "/leaderboard/august/"
PAGES = {
    "board": BOARD,
    "open-and-closed": f"{BOARD}open-and-closed/",
    "compare": f"{BOARD}compare/",
    "choose": f"{BOARD}choose/?access=open&margin=40",
    "statistics": f"{BOARD}statistics/",
    "snapshots": f"{BOARD}snapshots/",
    "model": f"{BOARD}models/llama-31-405b-instruct/",
    "method": "/leaderboard/method/",
    "embed": f"{BOARD}embed/",
    "api": "/api/",
}
PUBLISHED = """SELECT s.public_id FROM ratings_snapshot s JOIN ratings_board b ON b.id = s.board_id
               JOIN arena_campaign c ON c.id = b.campaign_id
               WHERE c.slug = 'august' AND b.slug = 'overall' AND s.published IS NOT NULL"""


@pytest.fixture(scope="session")
def august(site: Site) -> Site:
    """The site, with the real arena as a campaign, rated by its own background worker."""
    manage(site, "import_votes", "arena-tallies", str(august_2024()), "--campaign", "august")
    until(lambda: site.rows(PUBLISHED), "the board to be published")
    return site


def manage(site: Site, *command: str) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=os.environ | site.environment | site.servers,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def plain_page(chromium: Browser, august: Site) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = chromium.new_context(base_url=august.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", [*PAGES, "snapshot"])
def test_page_is_accessible_and_fits_a_phone(name: str, page: Page, august: Site) -> None:
    [[public_id]] = august.rows(PUBLISHED)
    page.goto(PAGES.get(name, f"/leaderboard/snapshots/{public_id}/"))
    shoot(page, f"leaderboard-{name}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_choice_changes_the_board_without_loading_the_page(page: Page, august: Site) -> None:
    page.goto(BOARD)
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Access", exact=True).select_option("open")
    expect(page.get_by_text(re.compile(r"\d+ of 129 models"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?access=open$"))
    page.get_by_label("Search").press_sequentially("llama-3.1", delay=20)
    expect(page.locator(".board tbody tr")).to_have_count(3)
    expect(page.get_by_label("Search")).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=llama-3.1"))
    page.get_by_role("link", name="Votes", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text(re.compile("Votes"))
    assert page.evaluate("window.sameDocument") is True
    page.reload()
    expect(page.locator(".board tbody tr")).to_have_count(3)


def test_choice_works_without_javascript(plain_page: Page) -> None:
    plain_page.goto(BOARD)
    plain_page.get_by_label("Runs on a laptop").check()
    plain_page.get_by_role("button", name="Show", exact=True).click()
    expect(plain_page.get_by_text(re.compile(r"\d+ of 129 models"))).to_be_visible()
    expect(plain_page).to_have_url(re.compile("laptop=1"))
    plain_page.get_by_role("link", name="Model", exact=True).click()
    expect(plain_page.locator(".board tbody th").first).to_contain_text("alpaca-13b")


def test_phone_shows_a_model_at_once_and_choices_when_asked(plain_page: Page) -> None:
    plain_page.set_viewport_size({"width": 390, "height": 844})
    plain_page.goto(BOARD)
    row = plain_page.locator(".board tbody tr").first
    box = row.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844
    expect(row.locator(".whisker")).to_be_visible()
    expect(plain_page.get_by_label("Runs on a laptop")).to_be_hidden()
    plain_page.get_by_text("Filters", exact=True).click()
    expect(plain_page.get_by_label("Runs on a laptop")).to_be_visible()


def test_paper_has_no_controls_and_all_columns(plain_page: Page) -> None:
    plain_page.emulate_media(media="print", color_scheme="dark")
    plain_page.set_viewport_size({"width": 680, "height": 1000})  # A4 between its margins
    plain_page.goto(BOARD)
    for name in ("95% interval", "Votes", "Win rate", "Size"):
        expect(plain_page.get_by_role("columnheader", name=name, exact=True)).to_be_visible()
    expect(plain_page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert plain_page.evaluate("document.documentElement.scrollWidth") <= 680
    for name in ("board", "compare", "choose"):
        plain_page.goto(PAGES[name])
        for control in plain_page.locator("input, select, button, .tabs").all():
            expect(control).to_be_hidden()


def test_no_page_asks_anybody_else(page: Page, august: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES.values():
        page.goto(path)
    assert asked
    assert [url for url in asked if not url.startswith((august.url, "data:"))] == []


def test_model_pointed_at_says_its_numbers_and_stands_out_everywhere(
    page: Page, august: Site
) -> None:
    page.goto(PAGES["open-and-closed"])
    note = page.get_by_role("status")
    dot = page.locator("#over-time [data-model='llama-3.1-405b-instruct'] circle")
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] - 2, box["y"] + box["height"] / 2)  # next to it, as a point is small
    expect(note).to_have_text(re.compile(r"^llama-3\.1-405b-instruct: 1152 \(\d+ to \d+\), rel"))
    for figure in ("best", "over-time", "parameters"):
        expect(page.locator(f"#{figure} .drawing .same")).to_have_count(1)
    page.mouse.move(2, 2)
    expect(note).to_be_hidden()
    expect(page.locator(".same")).to_have_count(0)


def test_values_of_a_chart_are_reached_by_key_and_touch(page: Page, august: Site) -> None:
    page.goto(PAGES["open-and-closed"])
    note = page.get_by_role("status")
    page.locator("#best .drawing").focus()
    page.keyboard.press("ArrowDown")
    expect(note).to_have_text(re.compile("^chatgpt-4o-latest: "))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("End")
    expect(note).not_to_have_text(re.compile("^chatgpt-4o-latest: "))
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    page.locator("#best li[data-model='llama-3.1-405b-instruct'] circle").dispatch_event("click")
    expect(note).to_have_text(re.compile(r"^llama-3\.1-405b-instruct: "))


def test_chart_without_javascript_has_plain_tooltips(plain_page: Page) -> None:
    plain_page.goto(PAGES["open-and-closed"])
    row = plain_page.locator("#best li[data-model='llama-3.1-405b-instruct'] title")
    assert (row.text_content() or "").startswith("llama-3.1-405b-instruct: 1152 (")


def test_static_copy_is_read_from_a_disk(page: Page, august: Site, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    manage(august, "publish", str(copy), "--campaign", "august")
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto((copy / "index.html").as_uri())
    expect(page.locator(".board tbody tr")).to_have_count(129)
    page.get_by_role("link", name="chatgpt-4o-latest", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("chatgpt-4o-latest")
    page.get_by_role("link", name="Open and closed", exact=True).click()
    page.locator(".drawing[role=group]").first.press("ArrowRight")  # the script of charts works
    expect(page.locator(".mark-note")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    assert download.value.suggested_filename.endswith(".csv")
    page.get_by_role("link", name="Battle", exact=True).click()
    expect(page).to_have_url((copy / "index.html").as_uri())
    assert [url for url in failed if not url.endswith(".csv")] == []
