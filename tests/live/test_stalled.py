"""Battles through a proxy that carries nothing for a while, in real time: the page says so, and the
battle goes on without a reload, with each word and each vote once."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, expect

from .hosted import Paced, begin, in_place_of_all
from .site import Site
from .stalled import VOTES, WORDS, Tab, tabs
from .volunteer import Volunteer

pytestmark = pytest.mark.browser


def test_battles_go_on_after_20_and_60_seconds_of_silence(chromium: Browser, site: Site) -> None:
    said = Paced.of([f"{word} " for word in WORDS], 0.25)
    with in_place_of_all(site, one=said, other=said), Volunteer(site.url) as volunteer:
        begin(volunteer, "Is anybody there?")
        with tabs(chromium, 4, site.port) as (briefly, cut, long, voting):
            silent_since = time.monotonic()
            for tab in (briefly, cut, long, voting):
                tab.proxy.hold()
            seen = voting.words()
            voting.page.get_by_role("button", name="B is better").dblclick()
            for tab in (briefly, cut, long):
                tab.says("Connection lost")
                expect(tab.page.get_by_text("writing …")).to_have_count(0)
            voting.says("your choice is kept")

            _wait(briefly, silent_since + 20)
            assert max(len(words) for tab in (briefly, cut) for words in tab.words()) < len(WORDS)
            briefly.proxy.carry()
            cut.proxy.cut()
            for tab in (briefly, cut):
                tab.ends_whole()

            _wait(long, silent_since + 60)
            long.says("Connection lost")
            voting.says("your choice is kept")
            assert site.rows(VOTES, voting.battle) == []
            long.proxy.carry()
            voting.proxy.carry()
            long.ends_whole()
            names = voting.page.get_by_role("heading", name="Your vote: B is better")
            expect(names).to_be_visible()
            assert site.rows(VOTES, voting.battle) == [("B", True)]
            assert voting.words() == seen


def _wait(tab: Tab, until: float) -> None:
    tab.page.wait_for_timeout(max(until - time.monotonic(), 0) * 1000)
