"""Blocks of an answer as they grow in the page, without an arena: equal to the server's HTML, and
at a cost per word that does not depend on the length of the code."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from arena.markdown import blocks
from arena.markdown.growing import Growing

from .site import ROOT

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="answer.css">
<div class="answer" id="answer"></div>
<script type="module">import * as all from "./blocks.js"; window.blocks = all;</script>"""
# As panes.js handles a frame. The cost of a word includes layout.
SHOW = """changes => {
  const { create, finish, grow } = window.blocks;
  const answer = document.getElementById("answer");
  const begin = performance.now();
  for (const { keep, from, blocks } of changes) {
    const grown = from > 0 ? answer.children[keep] : null;
    while (answer.children.length > keep + (grown ? 1 : 0)) answer.lastElementChild.remove();
    if (grown) grow(grown, from, blocks.shift());
    answer.append(...blocks.map(create));
    for (const block of [...answer.children].slice(keep, -1)) finish(block);
    answer.getBoundingClientRect();
  }
  return performance.now() - begin;
}"""
CODE = "".join(f'    if "a < b & c" != {n}: pass  # line {n} 🙂\n\n' for n in range(60))
TEXTS = {
    "code": f"Here:\n\n```python\n{CODE}```\n\nDone.",
    "plain ASCII": f"```\n{CODE.replace('🙂', '')}```",
    "no language, no end": f"```\n{CODE}",
    "in a list": f"- one\n\n  ```\n{CODE.replace('    ', '  ')}  ```\n- two",
    "indented": "\n".join(f"    line {n}" for n in range(90)),
    "one long line": f"```\n{'word ' * 400}\nx\n```\n",
    "code after code": f"```\n{CODE}```\n```c\n{CODE}```\n",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    for file in ("js/blocks.js", "js/trusted.js", "css/answer.css"):
        shutil.copy(ROOT / "static" / file, tmp_path)
    (tmp_path / "index.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium.new_context() as context:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.wait_for_function("window.blocks")
            yield page
        server.shutdown()


def frames(text: str, step: int) -> list[Any]:
    growing = Growing()
    return [growing.show(text[:end]) for end in range(step, len(text) + step, step)]


@pytest.mark.parametrize("kind", list(TEXTS))
@pytest.mark.parametrize("step", [7, 900])
def test_grown_blocks_are_what_the_server_would_send_at_once(
    page: Page, kind: str, step: int
) -> None:
    text = TEXTS[kind]
    page.evaluate(SHOW, frames(text, step))
    whole = "".join(f'<div class="block">{block}</div>' for block in blocks(text))
    same = """whole => {
      const answer = document.getElementById("answer");
      const height = answer.offsetHeight;
      blocks.finish(answer);
      const wanted = document.createElement("div");
      wanted.innerHTML = whole;
      return [answer.innerHTML === wanted.innerHTML, height === answer.offsetHeight];
    }"""
    assert page.evaluate(same, whole) == [True, True]


def test_long_code_costs_no_more_a_word_than_short(page: Page) -> None:
    """It once cost nine times as much at 16,000 characters."""
    changes = frames(f"```python\n{CODE * 8}", step=20)
    portions = [changes[at : at + 20] for at in range(0, 800, 20)]  # 400 characters each
    passes = []
    for _ in range(3):  # the quickest of each portion: others use this machine too
        page.evaluate("document.getElementById('answer').replaceChildren()")
        passes.append([page.evaluate(SHOW, portion) for portion in portions])
        assert page.locator(".chunk").count() > 10
    took = [min(costs) for costs in zip(*passes, strict=True)]
    assert median(took[-10:]) < 3 * median(took[:10])
