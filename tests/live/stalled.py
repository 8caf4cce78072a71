"""Visitors behind proxies that can fall silent, each with a battle of words that can be counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, Page, expect

from .proxy import Proxy

WORDS = [f"word{n}" for n in range(150)]
VOTES = """SELECT v.verdict, v.early FROM arena_vote v JOIN arena_battle b ON b.id = v.battle_id
           WHERE b.public_id = %s"""
SPOKEN = "[data-verdict] [data-status], #reveal h2, [data-ended] [data-message]"


class Tab:
    """A visitor of its own, behind a proxy of its own, who watches a battle."""

    def __init__(self, page: Page, proxy: Proxy) -> None:
        self.page, self.proxy = page, proxy
        page.goto(proxy.url)
        page.get_by_label("Your prompt").fill("Count, please.")
        page.get_by_role("button", name="Start the battle").click()
        expect(page.get_by_text("writing …")).to_have_count(2)
        page.evaluate("window.isTheSame = true")

    @property
    def battle(self) -> str:
        return self.page.url.partition("#")[0].strip("/").split("/")[-1]

    def sentence(self) -> str:
        """What its page says of the battle."""
        said = self.page.locator(SPOKEN).filter(visible=True)
        return " ".join(said.first.inner_text().split()) if said.count() else ""

    def says(self, sentence: str) -> None:
        status = self.page.locator("form[data-verdict]").get_by_role("status")
        expect(status).to_contain_text(sentence)

    def words(self) -> list[list[str]]:
        return [pane.inner_text().split() for pane in self.page.locator(".answer").all()]

    def ends_whole(self) -> None:
        expect(self.page.locator("[data-battle][data-streaming]")).to_have_count(0)
        assert self.words() == [WORDS, WORDS]
        assert self.page.evaluate("window.isTheSame")  # without a reload


@contextmanager
def tabs(chromium: Browser, number: int, *ports: int) -> Iterator[list[Tab]]:
    """Each comes to the first of these that listens."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(Proxy(*ports)) for _ in range(number)]
        contexts = [stack.enter_context(chromium.new_context()) for _ in proxies]
        pairs = zip(contexts, proxies, strict=True)
        yield [Tab(context.new_page(), proxy) for context, proxy in pairs]
