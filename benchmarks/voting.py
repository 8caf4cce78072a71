"""`make bench-voting`: what a vote costs its voter, in seconds and in actions, in Chromium.

1. From the key of a verdict, pressed once and left to stand, to the names on the screen; and from
   the same key followed by Enter, which does not wait. Against the bare HTTP round trips: the vote,
   and the page that it leads to.
2. From the names on the screen to the next prompt on its way: one key, a prompt that is pasted, and
   Enter. Against the same in a page that holds nothing but a form.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.figures import describe_machine, report
from inference.contract.weights import SMOLLM2, fetch
from tests.live.conftest import CHROMIUM, QUIET
from tests.live.hosted import Paced, begin, in_place_of_all
from tests.live.site import ROOT, Site, until
from tests.live.volunteer import Volunteer

ROUNDS = 12
WARM_UP = 2
UNDO_S = 2.0
PROMPT = "Tell me something surprising about rain."
# Notes when a key is pressed, when the names are painted, and when a form is sent.
NOTES = """
const note = (name) => sessionStorage.setItem(`noted ${name}`, Date.now());
addEventListener("keydown", ({ key }) => note(`key ${key}`), { capture: true });
addEventListener("submit", () => note("sent"), { capture: true });
addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector("#reveal, #bare")) return;
  requestAnimationFrame(() => requestAnimationFrame(() => note("painted")));
});
"""
BARE = """<!doctype html>
<form id="bare" action="/healthz"><textarea name="prompt"></textarea></form>
<script>addEventListener("keydown", (event) => {
  const box = document.querySelector("textarea");
  if (event.key === "n") { event.preventDefault(); box.focus(); }
  if (event.key === "Enter") { event.preventDefault(); box.form.requestSubmit(); }
})</script>"""


def main() -> None:
    words = Paced.of(["It ", "falls ", "from ", "clouds, ", "and ", "smells."], 0.0)
    with arena() as site, in_place_of_all(site, one=words, other=words):
        with chromium() as browser:
            waits, at_once, nexts, bare_nexts = in_browser(browser, site)
        trips = over_http(site)
    describe_machine()
    report("verdict by key and Enter to the names, over vote and page by HTTP", at_once / trips,
           5.0, at_most=True, browser_s=at_once, http_s=trips)  # fmt: skip
    report("verdict left to stand to the names, over UNDO_SECONDS", waits / UNDO_S, 1.25,
           at_most=True, browser_s=waits, actions=1)  # fmt: skip
    report("names to the next prompt sent, over a bare form", nexts / bare_nexts, 3.0,
           at_most=True, browser_s=nexts, bare_s=bare_nexts, actions=2)  # fmt: skip


@contextmanager
def arena() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-bench-"))
    folder.chmod(0o755)
    weights = fetch(SMOLLM2, Path(os.environ.get("WEIGHTS_DIR", ROOT / "var" / "weights")))
    site = Site(folder / "var", weights.parent, UNDO_SECONDS=str(UNDO_S))
    try:
        site.wait_ready()
        yield site
        site.stop()
    finally:
        site.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


def in_browser(browser: Browser, site: Site) -> tuple[float, float, float, float]:
    with Volunteer(site.url) as volunteer:
        begin(volunteer, PROMPT)  # the models are in service
    with browser.new_context(base_url=site.url) as context:
        context.add_init_script(NOTES)
        page = context.new_page()
        page.goto("/")
        page.keyboard.insert_text(PROMPT)
        page.keyboard.press("Enter")
        number = 2 * (ROUNDS + WARM_UP)
        rounds = [one_round(page, is_confirmed=n % 2 == 1) for n in range(number)][2 * WARM_UP :]
        # Only now: a browser whose requests are answered for it keeps no cache.
        context.route("**/bare/", lambda route: route.fulfill(content_type="text/html", body=BARE))
        bare = [bare_round(page) for _ in range(ROUNDS + WARM_UP)][WARM_UP:]
    waits, at_once = rounds[::2], rounds[1::2]
    return (
        statistics.median(vote for vote, _ in waits),
        statistics.median(vote for vote, _ in at_once),
        statistics.median(following for _, following in rounds),
        statistics.median(bare),
    )


def one_round(page: Page, *, is_confirmed: bool) -> tuple[float, float]:
    """Seconds from the verdict to the names, and from there to the next prompt sent."""
    page.locator("[data-battle]:not([data-streaming]) [data-key='1']:enabled").wait_for()
    page.keyboard.press("1")
    if is_confirmed:
        page.keyboard.press("Enter")
    page.locator("#reveal").wait_for()
    wait_painted(page, since="key 1")
    vote = between(page, "key 1", "painted")
    next_prompt(page)
    return vote, between(page, "painted", "sent")


def bare_round(page: Page) -> float:
    page.goto("/bare/")
    wait_painted(page, since="sent")
    next_prompt(page)
    return between(page, "painted", "sent")


def next_prompt(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("n")
        page.keyboard.insert_text(PROMPT)
        page.keyboard.press("Enter")


def wait_painted(page: Page, since: str) -> None:
    newer = f"sessionStorage.getItem('noted painted') > sessionStorage.getItem('noted {since}')"
    until(lambda: page.evaluate(newer), "the names")


def between(page: Page, first: str, second: str) -> float:
    stamps = [
        float(page.evaluate(f"sessionStorage.getItem('noted {name}')")) for name in (first, second)
    ]
    return (stamps[1] - stamps[0]) / 1000


def over_http(site: Site) -> float:
    """Median seconds of a vote and the page that it leads to."""
    took = []
    with Volunteer(site.url) as volunteer:
        for _ in range(ROUNDS + WARM_UP):
            battle = begin(volunteer, PROMPT)
            volunteer.finish(battle)
            began = time.perf_counter()
            volunteer.vote(battle, "A")
            volunteer.get(f"/battles/{battle}/")
            took.append(time.perf_counter() - began)
    return statistics.median(took[WARM_UP:])


if __name__ == "__main__":
    main()
