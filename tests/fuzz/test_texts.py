"""Whatever a prompt or an answer holds, it is shown, labelled, checked and counted at the cost of
plain words, nearly."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given

from arena.markdown import Growing
from arena.naming.asking import asks
from arena.naming.finding import named
from arena.naming.names import names_of
from arena.personal import redacted
from tests.arena.test_linear import READERS

from .habits import check_cost, fuzzed
from .texts import texts

pytestmark = pytest.mark.slow
STEP = 200  # characters that arrive at a time
KNOWN = names_of(frozenset({"Llama 3 8B", "Mixtral 8x7B Instruct", "gpt-4-turbo"}))
WORK: dict[str, Callable[[str], object]] = {
    **READERS,
    "naming": lambda text: named(text, KNOWN),
    "asking for names": lambda text: asks(text, KNOWN),
}


class Tags(HTMLParser):
    """Notes what a browser would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe", "img", "object", "form", "meta", "base", "link"):
            self.bad.append(tag)
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "xlink:href")
            if name.startswith("on") or (is_address and not _is_harmless(value or "")):
                self.bad.append(f"{tag} {name}={value}")


def _is_harmless(address: str) -> bool:
    return address.startswith(("http:", "https:", "mailto:"))


def shown(text: str) -> str:
    """Its HTML, after it has streamed."""
    growing = Growing()
    for end in range(0, len(text) + STEP, STEP):
        growing.show(text[:end])
    return "".join(growing.blocks)


@fuzzed
@given(text=texts)
def test_markdown_is_shown_safely_and_soon(text: str) -> None:
    check_cost(shown, text, times=60)
    tags = Tags()
    tags.feed(shown(text))
    assert tags.bad == []


@pytest.mark.parametrize("name", WORK)
def test_text_is_read_soon(name: str) -> None:
    @fuzzed
    @given(text=texts)
    def check(text: str) -> None:
        check_cost(WORK[name], text, times=30)

    check()


@fuzzed
@given(text=texts)
def test_what_is_hidden_once_is_hidden_for_good(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)
