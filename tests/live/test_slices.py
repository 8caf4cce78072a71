"""Slices of the leaderboard in a real browser, rated by the site's own background worker."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from .conftest import shoot
from .site import Site, until

pytestmark = pytest.mark.browser
PAGE = "/leaderboard/"
PUBLISHED = """SELECT s.id FROM ratings_snapshot s JOIN ratings_board b ON b.id = s.board_id
               WHERE b.slug = 'coding' AND s.published IS NOT NULL"""
RANGE = "?since=2026-02&until=2026-03"


@pytest.fixture
def sliced(site: Site) -> Iterator[Site]:
    """Insert votes into the tallies, on the starter models only."""
    site.rows(
        """INSERT INTO arena_tally (campaign_id, slice, first_id, second_id,
                                    first_wins, second_wins, ties, both_bad)
           SELECT c.id, part, x.id, y.id, votes, votes, 3, 2
           FROM arena_campaign c, arena_contestant x, arena_contestant y, (VALUES
               ('overall', 400), ('coding', 200), ('maths', 1), ('language-de', 200),
               ('month-2026-02', 200), ('month-2026-03', 200)) AS slices(part, votes)
           WHERE x.id < y.id AND c.slug = 'arena'
             AND y.id IN (SELECT id FROM arena_contestant ORDER BY id LIMIT 4)
           ON CONFLICT DO NOTHING"""
    )
    yield site
    site.rows("DELETE FROM arena_tally")


def check(page: Page, name: str) -> None:
    shoot(page, name)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert before is not None
    page.set_viewport_size(before)


def test_slice_is_chosen_without_loading_the_page(page: Page, sliced: Site) -> None:
    page.goto(PAGE)
    expect(page.locator("svg.whisker").first).to_be_visible()
    page.reload()
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Votes", exact=True).select_option("coding")
    expect(
        page.get_by_text(re.compile("votes with this filter. Prompts are sorted"))
    ).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?slice=coding$"))
    check(page, "leaderboard-slice")
    page.get_by_label("Votes", exact=True).select_option("maths")
    expect(page.get_by_role("heading", name=re.compile(r"Maths: \d+ of 300 votes"))).to_be_visible()
    check(page, "leaderboard-slice-few")
    assert page.evaluate("window.sameDocument") is True


def test_range_of_months_appears_by_itself(page: Page, sliced: Site) -> None:
    page.goto(PAGE + RANGE)
    expect(page.locator("svg.whisker").first).to_be_visible()
    expect(page.locator(".finding")).to_contain_text("February 2026 to March 2026")


def test_range_of_months_appears_without_javascript(chromium: Browser, sliced: Site) -> None:
    context = chromium.new_context(base_url=sliced.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE + RANGE.replace("02", "01", 1))
    expect(page.locator("svg.whisker").first).to_be_visible()
    context.close()


def test_publication_of_a_slice_has_a_page_of_its_own(page: Page, sliced: Site) -> None:
    until(lambda: sliced.rows(PUBLISHED), "the slice to be published")
    page.goto("/leaderboard/arena/snapshots/?slice=coding")
    expect(page.get_by_role("heading", name="All boards")).to_be_visible()
    check(page, "leaderboard-snapshots-slice")
    page.get_by_role("region", name="Coding").get_by_role("link").first.click()
    expect(page.get_by_text(re.compile("^Coding: "))).to_be_visible()
    expect(page.get_by_role("link", name="Coding")).to_be_visible()
    check(page, "leaderboard-snapshot-slice")
