"""A campaign's report, on a screen and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from arena.models import Campaign
from ratings import freshness
from ratings.refreshing import drafts, publications
from tests import factories
from tests.ratings.conftest import tally

from .conftest import collected
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Ada 7B", "Bea", "Cy 70B Instruct Preview 2026-10", "Dot", "Eve", "Flo")
PAGE = "/leaderboard/arena/report/"


@pytest.fixture
def published() -> None:
    campaign = Campaign.live()
    models = [
        factories.contestant(name, access="PROPRIETARY" if i % 2 else "OPEN_SOURCE")
        for i, name in enumerate(NAMES)
    ]
    for i, a in enumerate(models):
        for b in models[i + 1 :]:
            tally(campaign, a, b, 340, 300, 40, 10)
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()  # the page of the test before may have asked once more, of an empty database


def test_report_fits_every_size_and_can_be_printed(
    chromium: Browser, live_server: LiveServer, published: None
) -> None:
    with chromium.new_context(base_url=live_server.url, reduced_motion="reduce") as context:
        context.route("**/static/**", collected)
        context.add_init_script("window.print = () => { document.body.dataset.printed = 'yes' }")
        page = context.new_page()
        page.goto(PAGE)
        assert list(examine(page, "report", whole=True)) == ["small", "phone", "desk"]
        page.get_by_role("button", name="Print or save as PDF").click()
        expect(page.locator("body[data-printed=yes]")).to_have_count(1)


def test_report_on_paper_has_nothing_to_click_and_is_light(
    chromium: Browser, live_server: LiveServer, published: None
) -> None:
    with chromium.new_context(base_url=live_server.url, color_scheme="dark") as context:
        context.route("**/static/**", collected)
        page = context.new_page()
        page.goto(PAGE)
        background = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(background) != "rgb(255, 255, 255)"
        page.emulate_media(media="print")
        assert page.evaluate(background) == "rgb(255, 255, 255)"
        expect(page.get_by_role("navigation")).to_have_count(0)
        expect(page.get_by_role("button")).to_have_count(0)
        expect(page.get_by_role("contentinfo")).to_have_count(0)
        expect(page.get_by_text(f"{live_server.url}{PAGE}")).to_be_visible()


def test_report_without_javascript_offers_no_button(
    chromium: Browser, live_server: LiveServer, published: None
) -> None:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.route("**/static/**", collected)
        page = context.new_page()
        page.goto(PAGE)
        expect(page.get_by_role("heading", name="Ranking")).to_be_visible()
        expect(page.get_by_role("button")).to_have_count(0)
