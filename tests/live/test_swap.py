"""A page that changes without being loaded again (static/js/swap.js), without an arena."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .site import ROOT

pytestmark = pytest.mark.browser

ORIGIN = "http://swap.test"
FORM = """<form data-swap><input id="q" type="search" name="q" value="{q}">
<details {fold}><summary>More</summary></details></form>"""
PART = (
    '<div data-part {attributes}>{form}<a id="choice" data-swap href="/?b">b</a><p>{text}</p></div>'
)
PAGE = '<!doctype html>{part}<script type="module" src="/swap.js"></script>'

WATCH = """() => {
  window.shown = [];
  const look = () => window.shown.push(document.querySelector("p").textContent);
  new MutationObserver(look).observe(document.body, { childList: true });
}"""


def page_of(text: str, attributes: str = 'data-every="1000"', q: str = "", fold: str = "") -> str:
    form = FORM.format(q=q, fold=fold)
    return PAGE.format(part=PART.format(attributes=attributes, form=form, text=text))


class Server:
    """What each address answers; addresses in `held` are answered when told to."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/": page_of("first")}
        self.asked: list[str] = []
        self.held: dict[str, list[Route]] = {}

    def answer(self, route: Route) -> None:
        address = route.request.url.removeprefix(ORIGIN)
        if address.endswith(".js"):
            script = (ROOT / "static/js" / address[1:]).read_text()
            return route.fulfill(body=script, content_type="text/javascript")
        self.asked.append(address)
        if address in self.held:
            return self.held[address].append(route)
        route.fulfill(body=self.pages[address], content_type="text/html")

    def release(self, address: str, text: str) -> None:
        [route] = self.held.pop(address)
        route.fulfill(body=page_of(text), content_type="text/html")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    with chromium.new_context() as context:
        page = context.new_page()
        page.clock.install()
        page.route("**/*", server.answer)
        yield page


def opened(page: Page, server: Server, first: str) -> Any:
    server.pages["/"] = first
    page.goto(f"{ORIGIN}/")
    page.evaluate("window.sameDocument = true")
    return page.locator("p")


def test_refresh_keeps_focus_words_and_folds(page: Page, server: Server) -> None:
    server.pages["/?q=lla"] = page_of("second")
    text = opened(page, server, page_of("first", fold="open"))
    page.locator("#q").fill("lla")
    expect(text).to_have_text("second")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("lla")
    expect(page.locator("details")).to_have_attribute("open", "")
    assert page.evaluate("window.sameDocument") is True


def test_refresh_that_a_choice_overtakes_is_dropped(page: Page, server: Server) -> None:
    text = opened(page, server, page_of("first"))
    page.evaluate(WATCH)
    server.held["/"] = []
    server.pages["/?b"] = page_of("chosen")
    with page.expect_request(f"{ORIGIN}/"):
        page.clock.run_for(1000)
    page.locator("#choice").click()
    expect(text).to_have_text("chosen")
    server.pages["/?b"] = page_of("newer")
    server.release("/", "stale")  # the next refresh follows this one
    expect(text).to_have_text("newer")
    assert page.evaluate("window.shown") == ["chosen", "newer"]
    expect(page).to_have_url(f"{ORIGIN}/?b")
    assert page.evaluate("window.sameDocument") is True


def test_choice_outlives_a_refresh_that_begins_after_it(page: Page, server: Server) -> None:
    text = opened(page, server, page_of("first"))
    server.held["/?b"] = []
    with page.expect_request(f"{ORIGIN}/?b"):
        page.locator("#choice").click()
    server.pages["/"] = page_of("refreshed")
    page.clock.run_for(1000)
    expect(text).to_have_text("refreshed")
    server.pages["/?b"] = page_of("chosen")
    server.release("/?b", "chosen")
    expect(text).to_have_text("chosen")


def test_refresh_begun_before_a_choice_arrives_does_not_undo_it(page: Page, server: Server) -> None:
    text = opened(page, server, page_of("first"))
    page.evaluate(WATCH)
    server.held |= {"/": [], "/?b": []}
    with page.expect_request(f"{ORIGIN}/?b"):
        page.locator("#choice").click()
    with page.expect_request(f"{ORIGIN}/"):
        page.clock.run_for(1000)
    server.release("/?b", "chosen")
    expect(text).to_have_text("chosen")
    server.pages["/?b"] = page_of("newer")
    server.release("/", "stale")
    page.clock.run_for(1000)
    expect(text).to_have_text("newer")
    assert page.evaluate("window.shown") == ["chosen", "newer"]


def test_part_with_nothing_to_come_is_not_asked_for_again(page: Page, server: Server) -> None:
    text = opened(page, server, page_of("running"))
    server.pages["/"] = page_of("done", attributes="")
    page.clock.run_for(1000)
    expect(text).to_have_text("done")
    page.clock.run_for(60_000)
    assert server.asked == ["/", "/"]


def test_page_is_fetched_only_when_there_is_a_newer_snapshot(page: Page, server: Server) -> None:
    attributes = 'data-every="1000" data-newest="/newest" data-snapshot="{}"'
    server.pages["/newest"] = '{"snapshot": 7}'
    text = opened(page, server, page_of("seven", attributes.format(7)))
    with page.expect_response("**/newest"):
        page.clock.run_for(1000)
    server.pages |= {"/newest": '{"snapshot": 8}', "/": page_of("eight", attributes.format(8))}
    page.clock.run_for(1000)
    expect(text).to_have_text("eight")
    assert server.asked == ["/", "/newest", "/newest", "/"]


def test_answer_without_the_part_changes_nothing(page: Page, server: Server) -> None:
    text = opened(page, server, page_of("first"))
    server.pages["/"] = "<!doctype html><p>Log in</p>"
    with page.expect_response(f"{ORIGIN}/"):
        page.clock.run_for(1000)
    expect(text).to_have_text("first")
