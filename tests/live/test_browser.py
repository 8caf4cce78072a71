"""The whole way in a real browser: prompt, streaming, follow-up, vote, reveal, leaderboard."""

from __future__ import annotations

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from arena.generating.endings import STOPPED

from .conftest import shoot
from .site import Site, until

pytestmark = pytest.mark.browser

PROMPT = "Explain to a ten-year-old why the sky is blue, in a few short paragraphs."
ANSWER_MS = 150_000  # both are shown more slowly than they are written, which is slow already


TEXTS = """SELECT a.text FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
           JOIN arena_battle b ON b.id = t.battle_id WHERE b.public_id = %s ORDER BY a.side"""


def begin(page: Page, prompt: str = PROMPT) -> None:
    page.goto("/")
    page.get_by_label("Your prompt").fill(prompt)
    page.get_by_role("button", name="Start the battle").click()


def pane(page: Page, side: str) -> str:
    return page.locator(f'.pane[data-side="{side}"] .answer').last.inner_text()


def wait_until_complete(page: Page) -> None:
    expect(page.locator("[data-battle][data-streaming]")).to_have_count(0, timeout=ANSWER_MS)
    expect(page.get_by_role("button", name="A is better")).to_be_enabled()


def assert_accessible(page: Page) -> None:
    # Without a copy of the page's styles, which axe makes inline and our policy forbids.
    found = Axe().run(page, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_battle_from_prompt_to_leaderboard(page: Page, site: Site) -> None:
    page.goto("/")
    expect(page.get_by_label("Your prompt")).to_be_focused()
    shoot(page, "home")
    assert_accessible(page)

    begin(page)
    expect(page.locator(".answer .block").first).to_be_visible(timeout=ANSWER_MS)
    expect(page.get_by_role("button", name="Tie")).to_be_enabled()
    shoot(page, "streaming")
    wait_until_complete(page)
    first = pane(page, "A"), pane(page, "B")
    assert min(map(len, first)) > 0
    shoot(page, "answered")
    assert_accessible(page)

    page.get_by_label("Or ask both a follow-up").fill("And why is it red in the evening?")
    page.get_by_role("button", name="Ask both").click()
    expect(page.locator(".turn")).to_have_count(2)
    wait_until_complete(page)
    assert min(len(pane(page, "A")), len(pane(page, "B"))) > 0

    battle = page.url.split("#")[0]
    public_id = battle.strip("/").split("/")[-1]
    page.get_by_role("button", name="B is better").click()
    reveal = page.get_by_role("region", name="Your vote: B is better")
    expect(reveal).to_be_focused()
    names = reveal.locator(".unmasked h3").all_inner_texts()
    assert len(set(names)) == 2
    expect(reveal.get_by_text("Licence")).to_have_count(2)
    expect(reveal.get_by_text(re.compile(r"\d\.\d s for \d+ tokens"))).to_have_count(2)
    shoot(page, "reveal")
    assert_accessible(page)

    voted = time.monotonic()
    page.goto("/leaderboard/")
    loading = time.monotonic() - voted  # how long a page takes on this machine at the moment
    # One name may be a prefix of another: find the row whose link is exactly this name.
    row = page.locator(".board").get_by_role("link", name=names[1], exact=True)
    expect(row).to_be_visible(timeout=2000 + 10_000 * loading)
    page.goto(battle)
    expect(page.get_by_role("heading", name="Your vote: B is better")).to_be_visible()
    stored = """SELECT v.verdict FROM arena_vote v JOIN arena_battle b ON b.id = v.battle_id
                WHERE b.public_id = %s"""
    assert site.rows(stored, public_id) == [("B",)]


def test_leaderboard_of_many_votes(page: Page, site: Site) -> None:
    """The votes are inserted into the tallies; the rest is the arena's own work."""
    site.rows(
        """INSERT INTO arena_tally (campaign_id, first_id, second_id,
                                    first_wins, second_wins, ties, both_bad)
           SELECT c.id, x.id, y.id, 40, 25 + 3 * y.id, 12, 5
           FROM arena_campaign c, arena_contestant x, arena_contestant y WHERE x.id < y.id
           ON CONFLICT (campaign_id, slice, first_id, second_id) DO UPDATE SET first_wins = 40"""
    )
    [(contestants,)] = site.rows("SELECT count(*) FROM arena_contestant")
    page.goto("/leaderboard/")
    expect(page.locator("svg.whisker")).to_have_count(contestants)
    shoot(page, "leaderboard")
    assert_accessible(page)
    site.rows("DELETE FROM arena_tally")


def test_reload_and_second_tab_in_mid_answer_show_the_same(page: Page) -> None:
    begin(page, "Tell a long story about a lighthouse keeper and a whale.")
    expect(page.locator(".answer .block").first).to_be_visible(timeout=ANSWER_MS)
    page.reload()
    second = page.context.new_page()
    second.goto(page.url)
    wait_until_complete(page)
    wait_until_complete(second)
    assert pane(page, "A") == pane(second, "A")
    assert pane(page, "B") == pane(second, "B")
    page.reload()
    assert pane(page, "A") == pane(second, "A")
    assert pane(page, "B") == pane(second, "B")


def test_connection_lost_in_mid_answer_resumes_without_loss(page: Page) -> None:
    page.add_init_script(
        """const Real = WebSocket; window.sockets = [];
           window.WebSocket = class extends Real {
             constructor(...given) { super(...given); window.sockets.push(this); } };"""
    )
    begin(page, "Tell a long story about a clockmaker.")
    expect(page.locator(".answer .block").first).to_be_visible(timeout=ANSWER_MS)
    page.evaluate("sockets[0].close()")
    wait_until_complete(page)
    assert page.evaluate("sockets.length") > 1
    live = pane(page, "A"), pane(page, "B")
    page.reload()
    assert (pane(page, "A"), pane(page, "B")) == live


def test_stop_keeps_what_is_written_and_says_so(page: Page, site: Site) -> None:
    site.rows("UPDATE arena_revision SET max_tokens = 1500")
    try:
        begin(page, "Tell a very long story about a city of glass, chapter by chapter.")
        until(lambda: len(pane(page, "A").split()) > 8, "some words")
        page.get_by_role("button", name="Stop").click()
        wait_until_complete(page)
    finally:
        site.rows("UPDATE arena_revision SET max_tokens = 160")
    for _ in range(2):
        expect(page.get_by_text(STOPPED)).to_have_count(2)
        page.reload()
    expect(page.get_by_role("button", name="Tie")).to_be_enabled()
    battle = page.url.split("#")[0].rstrip("/").rpartition("/")[2]
    a, b = (text.split() for (text,) in site.rows(TEXTS, battle))
    assert len(a) == len(b) > 8  # as they are written: marks of a heading are words, too


def test_double_click_on_a_verdict_is_one_vote(page: Page, site: Site) -> None:
    before = site.rows("SELECT count(*) FROM arena_vote")[0][0]
    begin(page, "Say hello.")
    wait_until_complete(page)
    page.get_by_role("button", name="Tie").dblclick()
    expect(page.get_by_role("heading", name="Your vote: Tie")).to_be_visible()
    assert site.rows("SELECT count(*) FROM arena_vote") == [(before + 1,)]


def test_keys_vote_and_narrow_screens_do_not_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", "/about/", "/leaderboard/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    begin(page, "Say goodbye.")
    wait_until_complete(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Your vote: Both are bad")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_wide_code_and_tables_in_an_answer_are_scrolled_by_keys(page: Page, site: Site) -> None:
    code = f"```python\nx = '{'wide ' * 60}'\n```"
    table = f"| {'column | ' * 30}\n|{'---|' * 30}\n| {'value | ' * 30}"
    begin(page, "Say anything.")
    wait_until_complete(page)
    newest = "turn_id = (SELECT max(turn_id) FROM arena_answer)"
    site.rows(f"UPDATE arena_answer SET text = %s WHERE {newest}", f"{code}\n\n{table}")
    site.forget_streams()
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.locator(".answer pre")).to_have_count(2)
    expect(page.locator(".answer table")).to_have_count(2)
    assert_accessible(page)
    wide = page.locator(".answer pre").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    until(lambda: wide.evaluate("element => element.scrollLeft") > 0, "the code to scroll")


def test_admin_opens_under_the_strict_policy(page: Page) -> None:
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_visible()
