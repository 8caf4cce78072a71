"""What a battle costs its visitor, in bytes that travel: pages, scripts and styles, all with their
heads, on a first visit with nothing in the cache; and, apart, the frames that bring answers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, WebSocket, expect

from .hosted import Paced, begin, in_place_of_all
from .proxy import Proxy
from .site import Site
from .volunteer import Volunteer

pytestmark = pytest.mark.browser

LIMIT = 60_000
FRAME = 260  # on average; a table comes in larger ones
PROMPT = "How do I count the words of a file in Python? Explain it, please."
ANSWER = '''You can read the file line by line, so that even a very large one fits into memory.

```python
from collections import Counter
from pathlib import Path

def count_words(path: Path) -> Counter[str]:
    """How often each word occurs, whatever its case."""
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(word.strip(".,;:!?").lower() for word in line.split())
    return counts

print(count_words(Path("book.txt")).most_common(10))
```

**How it works**

1. `line.split()` cuts a line at *any* white space.
2. `strip` removes punctuation at the ends of a word, but keeps what is within it.
3. `Counter.update` adds the words of each line to those before.

| call | returns |
|---|---|
| `counts.total()` | all words |
| `len(counts)` | different words |
'''
PIECES = re.findall(r"\S+\s*", ANSWER)


def test_first_battle_with_code_and_its_reveal_stay_light(chromium: Browser, site: Site) -> None:
    words = Paced.of(PIECES, 0.01)
    with (
        in_place_of_all(site, one=words, other=words),
        Proxy(site.port) as proxy,
        chromium.new_context() as context,
    ):
        battle = begun_by(context, proxy)
        page, before, frames = context.new_page(), proxy.received, list[int]()

        def listen(line: WebSocket) -> None:
            line.on("framereceived", lambda frame: frames.append(len(frame)))

        page.on("websocket", listen)
        page.goto(f"{proxy.url}/battles/{battle}/")
        coloured = page.locator(".answer .hljs-keyword", has_text="import")
        expect(coloured).to_have_count(4)
        expect(page.locator("[data-battle][data-streaming]")).to_have_count(0)
        answers = sum(frames)
        shown = proxy.received - before - answers
        page.get_by_role("button", name="A is better").dblclick()
        expect(page.locator("#reveal")).to_be_visible()
        page.wait_for_load_state("networkidle")
        revealed = proxy.received - before - answers
    assert 20_000 < shown < revealed < LIMIT, (shown, revealed, answers)
    assert len(ANSWER) * 2 < answers < FRAME * len(frames), (answers, len(frames))


def begun_by(context: BrowserContext, proxy: Proxy) -> str:
    """A battle of this browser's voter, who has loaded nothing yet."""
    with Volunteer(proxy.url) as volunteer:
        battle = begin(volunteer, PROMPT)
        for each in volunteer.http.cookies.jar:
            context.add_cookies([{"name": each.name, "value": each.value or "", "url": proxy.url}])
    return battle
