"""Reading two answers in Chromium: what stands still, what is in sight, and what is copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import shoot
from .site import USUAL_TOKENS, Site, until
from .test_browser import ANSWER_MS, assert_accessible, begin, wait_until_complete

pytestmark = pytest.mark.browser

MOVED = """
    window.moved = [];
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, value, sources } of list.getEntries()) {
        const what = sources.map(({ node }) => node?.className ?? node?.nodeName);
        if (!hadRecentInput) moved.push([value, ...what]);
      }
    }).observe({ type: "layout-shift", buffered: true });
"""
MOST_MOVED = 0.05
LINES = "\n\n".join(f"Paragraph {n} of a long answer, which says little." for n in range(1, 81))
CODE = "x = 1\nif x:\n    print('<x>')\n"
SHORT = f"Shortly **said**:\n\n```python\n{CODE}```"


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=site.url,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


def answer(page: Page, side: str) -> Locator:
    return page.locator(f'.pane[data-side="{side}"]')


def tell(page: Page, site: Site, **texts: str) -> None:
    """A battle in which the sides have said this."""
    site.answer_briefly(8)
    begin(page, "Say anything.")
    wait_until_complete(page)
    site.answer_briefly(USUAL_TOKENS)
    for side, text in texts.items():
        newest = "turn_id = (SELECT max(turn_id) FROM arena_answer)"
        site.rows(f"UPDATE arena_answer SET text = %s WHERE side = %s AND {newest}", text, side)
    site.forget_streams()
    page.reload()
    expect(answer(page, "A").locator(".block").first).to_be_attached()


def top(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_answers_are_written(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(MOVED)
    begin(page, "Tell a story about a lighthouse keeper and a whale, with a list of what they eat.")
    expect(page.locator(".answer .block").first).to_be_attached(timeout=ANSWER_MS)
    wait_until_complete(page)
    page.wait_for_function("new Promise((done) => requestAnimationFrame(() => done(true)))")
    moved = page.evaluate("moved")
    assert sum(value for value, *_ in moved) < MOST_MOVED, moved


def test_place_of_the_reader_stays_while_the_answer_above_grows(phone: Page, site: Site) -> None:
    phone.set_viewport_size({"width": 320, "height": 500})
    phone.goto("/")
    phone.evaluate("localStorage.setItem('stacked', 'true')")
    begin(phone, "Tell a story about a clockmaker.")
    expect(answer(phone, "B").locator(".block").first).to_be_attached(timeout=ANSWER_MS)
    phone.get_by_role("button", name="Answer B").tap()
    first = answer(phone, "B").locator(".block").first
    before, read = top(first), phone.evaluate("scrollY")
    wait_until_complete(phone)
    assert phone.evaluate("scrollY") > read
    assert abs(top(first) - before) < 2


def test_on_a_phone_the_other_answer_is_a_tap_away_and_each_keeps_its_place(
    phone: Page, site: Site
) -> None:
    tell(phone, site, A=LINES, B=SHORT)
    a, b = (phone.get_by_role("button", name=f"Answer {side} complete") for side in "AB")
    expect(a).to_have_attribute("aria-current", "true")
    expect(answer(phone, "A")).to_be_in_viewport()
    expect(answer(phone, "B")).not_to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    shoot(phone, "reading-a")
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.evaluate("scrollTo(0, 2500)")
    b.tap()
    expect(answer(phone, "B").get_by_text("Shortly said:")).to_be_in_viewport()
    expect(b).to_have_attribute("aria-current", "true")
    for theme in ("light", "dark"):
        phone.emulate_media(color_scheme=theme)
        assert_accessible(phone)
    # It is as high as the shorter answer now, with what comes next below that.
    assert phone.evaluate("document.documentElement.scrollHeight") < 2000
    a.tap()
    until(lambda: phone.evaluate("Math.abs(scrollY - 2500) < 90"), "the place in A")
    phone.locator(".panes").evaluate("panes => panes.scrollTo({ left: 390 })")  # a swipe
    expect(b).to_have_attribute("aria-current", "true")

    phone.evaluate("scrollTo(0, 0)")
    phone.get_by_label("Show both").check()
    for _ in range(2):
        assert top(answer(phone, "B")) > top(answer(phone, "A")) + 2500
        expect(a).not_to_have_attribute("aria-current", "true")
        phone.reload()
    shoot(phone, "stacked")


def test_on_a_desk_the_shorter_answer_stays_in_sight_and_both_scroll_in_step(
    page: Page, site: Site
) -> None:
    tell(page, site, A=LINES, B=SHORT)
    page.evaluate("scrollTo(0, 2000)")
    expect(answer(page, "B").get_by_text("Shortly said:")).to_be_in_viewport()
    shoot(page, "reading-desk")
    longer = LINES.replace("little", "little, " * 30)
    tell(page, site, A=LINES, B=longer)
    page.get_by_label("Scroll in step").check()
    page.reload()
    end = "(pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop"
    answer(page, "A").focus()
    page.keyboard.press("End")
    until(lambda: answer(page, "A").evaluate(end) <= 1, "the end of A")
    until(lambda: answer(page, "B").evaluate(end) <= 1, "the end of B")
    assert_accessible(page)
    shoot(page, "in-step")


def test_copied_text_is_the_text_that_is_shown(page: Page, site: Site) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tell(page, site, A=SHORT, B=LINES)
    before = top(page.locator(".answer pre").first)
    copied = "navigator.clipboard.readText()"
    page.get_by_role("button", name="Copy code").click()
    expect(page.locator('.copy[data-label="Copied"]')).to_have_count(1)
    assert page.evaluate(copied) == CODE
    page.get_by_role("button", name="Copy answer A").click()
    until(lambda: page.evaluate(copied) == f"Shortly said:\n\n{CODE.rstrip()}", "the answer")
    assert_accessible(page)
    page.evaluate(
        "for (const button of document.querySelectorAll('.copy[data-code]')) button.remove()"
    )
    assert top(page.locator(".answer pre").first) == before


def test_without_scripts_answers_stand_below_each_other_on_a_phone(
    chromium: Browser, site: Site, page: Page
) -> None:
    tell(page, site, A=LINES, B=SHORT)
    plain = chromium.new_context(
        base_url=site.url,
        java_script_enabled=False,
        viewport={"width": 390, "height": 844},
        storage_state=page.context.storage_state(),
    )
    reader = plain.new_page()
    reader.goto(page.url)
    assert top(answer(reader, "B")) > top(answer(reader, "A")) + 2500
    for name in ("Scroll in step", "Show both"):
        expect(reader.get_by_text(name)).to_be_hidden()
    expect(reader.get_by_role("button", name="Copy")).to_have_count(0)
    plain.close()
