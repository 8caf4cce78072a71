"""Names as long as they may be, on a phone and on a desk: the scores stay in view."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from arena.models import Campaign, Contestant
from ratings.refreshing import drafts
from tests import factories
from tests.ratings.conftest import tally

from . import conftest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"phone": (390, 844), "small": (320, 568), "desk": (1280, 900)}
NAMES = ("W" * 120, "model-" * 20, "Ada")
IN_VIEW = """([...document.querySelectorAll(".board tbody tr:first-child > .number")]
    .filter((cell) => cell.checkVisibility())
    .map((cell) => cell.getBoundingClientRect().right <= innerWidth))"""
WRAPPED = """[...document.querySelectorAll(".board tbody th > a")]
    .filter((name) => name.textContent.trim() === "Ada")
    .every((name) => name.getClientRects().length === 1)"""


@pytest.fixture
def rated(transactional_db: None) -> list[Contestant]:
    campaign = Campaign.live()
    one, two, three = made = [
        factories.contestant(name, slug=f"m{n}", organisation="O" * 120, licence="L" * 120)
        for n, name in enumerate(NAMES)
    ]
    tally(campaign, one, two, 30, 10, 5, 1)
    tally(campaign, two, three, 20, 15, 0, 2)
    drafts.refresh_all()
    return made


def test_no_name_breaks_a_table(
    chromium: Browser, live_server: LiveServer, rated: list[Contestant]
) -> None:
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
    context.route("**/static/**", conftest.collected)
    page = context.new_page()
    board = "/leaderboard/arena/"
    for address in (board, f"{board}compare/?a=m0&b=m1", f"{board}models/m0/"):
        page.goto(address)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (address, size, wide)
            if address == board:
                seen = page.evaluate(IN_VIEW)
                assert seen, (address, size)
                assert all(seen), (address, size)
                assert page.evaluate(WRAPPED), (address, size)
    context.close()
