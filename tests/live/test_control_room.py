"""The control room of a running arena: staff see how it is doing, on a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from .conftest import shoot
from .site import Site
from .test_other_pages import staff
from .volunteer import Volunteer

__all__ = ["staff"]
pytestmark = pytest.mark.browser
# Without it, axe would copy imported styles into the page, which its policy forbids.
NO_COPIES = {"preload": False}
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def looked_at(page: Page, name: str) -> None:
    """No axe violations and nothing wider than the window, at both sizes and in both themes."""
    shoot(page, name)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(page, options=NO_COPIES)
            assert found.violations_count == 0, (
                f"{name}, {size}, {scheme}: {found.generate_report()}"
            )
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, size)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def panel(page: Page, name: str) -> Locator:
    return page.locator(f"section#{name}")


def test_staff_see_how_the_arena_is_doing(staff: Page, site: Site, volunteer: Volunteer) -> None:
    battle = volunteer.begin("Say hello.")
    volunteer.finish(battle)
    volunteer.vote(battle, "A")
    see_the_dashboard(staff, site)
    follow_a_number_to_its_list(staff)
    read_a_battle_and_exclude_its_vote_for_a_while(staff, site)
    keep_the_focus_while_it_refreshes(staff)
    find_the_way_on_a_phone(staff)
    staff.get_by_role("button", name="Log out").click()
    staff.goto("/admin/")
    expect(staff.get_by_label("Password")).to_be_visible()
    looked_at(staff, "control-login")


def see_the_dashboard(page: Page, site: Site) -> None:
    page.goto("/admin/")
    expect(panel(page, "workers").get_by_role("heading")).to_contain_text("1 worker")
    expect(panel(page, "workers")).to_contain_text(re.compile(r"SmolLM2.*[MG]B of .*GB", re.DOTALL))
    expect(panel(page, "contestants")).to_contain_text("can answer")
    expect(panel(page, "traffic").get_by_role("img")).to_be_visible()
    expect(panel(page, "storage")).to_contain_text("never noted")
    looked_at(page, "control-room")


def follow_a_number_to_its_list(page: Page) -> None:
    panel(page, "traffic").get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Battles", exact=True)).to_be_visible()
    looked_at(page, "control-list")
    page.goto("/admin/")
    panel(page, "contestants").get_by_role("link").first.click()
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    looked_at(page, "control-form")


def read_a_battle_and_exclude_its_vote_for_a_while(page: Page, site: Site) -> None:
    tallies = """SELECT slice, first_id, second_id, first_wins, second_wins, ties, both_bad
                 FROM arena_tally ORDER BY slice, first_id, second_id"""
    before = site.rows(tallies)
    page.goto("/admin/arena/vote/")
    looked_at(page, "control-votes")
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_text("Say hello.").first).to_be_visible()
    looked_at(page, "control-battle")
    page.goto("/admin/arena/vote/")
    page.locator("#result_list .action-select").first.check()
    page.get_by_label("Action:").select_option("Exclude with a reason …")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_text("Nothing has changed yet.")).to_be_visible()
    looked_at(page, "control-exclusion")
    page.get_by_label("Reason").fill("a robot")
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("Applied to 1 vote.")).to_be_visible()
    assert site.rows(tallies) != before
    looked_at(page, "control-excluded")
    page.get_by_role("button", name="Undo: every vote as before").click()
    expect(page.get_by_text("Undone: 1 vote as before.")).to_be_visible()
    assert site.rows(tallies) == before


def keep_the_focus_while_it_refreshes(page: Page) -> None:
    page.clock.install()
    page.goto("/admin/")
    panel(page, "storage").evaluate("element => element.dataset.before = true")
    page.locator("#traffic-list").focus()
    page.clock.fast_forward(20_000)
    expect(page.locator("#storage[data-before]")).to_have_count(0)
    expect(page.locator("#traffic-list")).to_be_focused()


def find_the_way_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/")
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    found = Axe().run(page, options=NO_COPIES)
    assert found.violations_count == 0, found.generate_report()
    menu.get_by_role("link", name="Votes", exact=True).click()
    expect(page.get_by_role("heading", name="Votes", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
