"""The colouring of code without an arena: a page with four code blocks, and workers made slow."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .site import ROOT, until

pytestmark = pytest.mark.browser

PAGE = """<!doctype html>
<script type="module" src="js/code.js" data-worker-src="js/code_worker.js"></script>
<div class="answer"><div class="block">
<pre><code class="language-python">def x(): pass</code></pre>
<pre><code class="language-sql">SELECT 1</code></pre>
<pre><code class="language-klingon">let x</code></pre>
<pre><code>no language</code></pre>
<pre><code class="language-js">let x</code></pre>
</div></div>"""
HOSTILE = """addEventListener("message", (event) => {
  const text = event.data.text ?? "";
  if (text.includes("hang")) for (;;);
  if (text.includes("end")) close();
  if (/hang|end|throw/.test(text)) event.stopImmediatePropagation();
  if (text.includes("throw")) throw new Error("as it was asked to");
});
"""
SLOW = "onmessage = ({data}) => { if (data.text) for (;;); else postMessage({isKnown: true}); }"
STRANGE = "onmessage = () => postMessage({html: '<img class=x>'})"
WRONG = "onmessage = () => postMessage({html: '<span class=x>something else</span>'})"
# The library's names of the languages that we list, each with all that our list lacks.
LACKING = """async () => {
  const { default: hljs } = await import("/vendor/highlight/core.min.js");
  const { LANGUAGES } = await import("/js/languages.js");
  return Promise.all(LANGUAGES.map(async ([listed, load]) => {
    const [name, ...others] = listed.split(" ");
    hljs.registerLanguage(name, (await load()).default);
    const aliases = hljs.getLanguage(name).aliases ?? [];
    return [name, aliases.filter((alias) => !others.includes(alias))];
  }));
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    for folder in ("js", "vendor"):
        shutil.copytree(ROOT / "static" / folder, tmp_path / folder)
    script = tmp_path / "js/code.js"
    script.write_text(script.read_text().replace("MOST_MS = 2_000", "MOST_MS = 700"))
    (tmp_path / "index.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_code_of_known_languages_is_coloured(chromium: Browser, address: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".language-js .hljs-keyword")).to_have_text("let")
        expect(page.locator(".language-sql .hljs-keyword")).to_have_text("SELECT")
        assert page.locator(".language-klingon span, code:not([class]) span").count() == 0
        assert page.locator("pre").first.inner_text() == "def x(): pass"
        _append(page, "<b>let x</b>", language="html")  # with the languages that stand within it
        expect(page.locator(".language-html .hljs-name")).to_have_count(2)


def test_only_languages_that_fences_name_are_fetched(chromium: Browser, address: str) -> None:
    def fetched() -> list[str]:
        return sorted(url.rpartition("/")[2] for url in urls if "/vendor/" in url)

    urls = list[str]()
    with chromium.new_context() as context:
        page = context.new_page()
        context.on("request", lambda request: urls.append(request.url))
        page.goto(address)
        expect(page.locator(".language-js .hljs-keyword")).to_have_text("let")
        usual = ["core", "javascript", "python", "sql", "xml"]  # JavaScript may have tags in it
        assert fetched() == [f"{name}.min.js" for name in usual]


def test_language_that_cannot_be_fetched_keeps_no_other_from_its_colours(
    chromium: Browser, address: str
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        context.route("**/python.min.js", lambda route: route.abort())
        page.goto(address)
        expect(page.locator(".language-js .hljs-keyword")).to_have_text("let")
        assert page.locator(".language-python span").count() == 0


def test_languages_are_known_by_all_their_names(chromium: Browser, address: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(address)
        lacking = page.evaluate(LACKING)
    assert [each for each in lacking if each[1]] == []
    files = (ROOT / "static/vendor/highlight/languages").iterdir()
    assert sorted(name for name, _ in lacking) == sorted(f.name.split(".")[0] for f in files)


def test_worker_that_takes_too_long_is_stopped(chromium: Browser, address: str) -> None:
    """The worker is slowed down artificially, since the library may fix its slow cases."""
    started = list[str]()

    def over() -> bool:
        page.wait_for_timeout(100)  # Playwright hears of workers meanwhile
        return len(started) == 3 and not page.workers

    with chromium.new_context() as context:
        page = context.new_page()
        page.on("worker", lambda worker: started.append(worker.url))
        page.route("**/code_worker.js", lambda route: _fulfil(route, SLOW))
        page.goto(address)
        until(over, "the third worker to be stopped")
        assert page.evaluate("document.querySelectorAll('pre span').length") == 0


@pytest.mark.parametrize("deed", ["hang", "throw", "end"])
def test_block_that_ends_its_worker_keeps_no_other_from_its_colours(
    chromium: Browser, address: str, deed: str
) -> None:
    """Also for the last block of a page: later blocks are still coloured."""
    worker = HOSTILE + (ROOT / "static/js/code_worker.js").read_text()
    with chromium.new_context() as context:
        page = context.new_page()
        page.route("**/code_worker.js", lambda route: _fulfil(route, worker))
        page.goto(address)
        expect(page.locator(".language-js .hljs-keyword")).to_have_text("let")
        _append(page, f"let {deed}")
        _append(page, "let later")
        expect(page.locator(".later .hljs-keyword")).to_have_text("let")
        for _ in range(2):  # more than the limit of failures in a row
            _append(page, f"let {deed}")
            _append(page, "let later")
        expect(page.locator(".later .hljs-keyword")).to_have_count(3)
        assert page.locator(f".{deed} :not(pre, code)").count() == 0


@pytest.mark.parametrize("answer", [STRANGE, WRONG])
def test_what_is_not_the_same_text_in_spans_is_not_shown(
    chromium: Browser, address: str, answer: str
) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.route("**/code_worker.js", lambda route: _fulfil(route, answer))
        with page.expect_event("worker"):
            page.goto(address)
        page.wait_for_timeout(1000)  # time for what must not happen
        assert page.evaluate("document.querySelector('.answer').textContent.includes('def x')")
        assert page.locator("pre :not(code)").count() == 0


def _append(page: Page, code: str, language: str = "js") -> None:
    page.evaluate(
        """([code, language]) => {
          const block = document.createElement("div");
          block.className = code.split(" ")[1];
          const inner = document.createElement("code");
          inner.className = `language-${language}`;
          inner.textContent = code;
          block.append(document.createElement("pre"));
          block.firstChild.append(inner);
          document.querySelector(".answer").append(block);
        }""",
        [code, language],
    )


def _fulfil(route: Route, script: str) -> None:
    route.fulfill(content_type="text/javascript", body=script)
