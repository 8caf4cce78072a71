"""How a page looks at every size and in both themes: pictures, and what axe says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from ..conftest import SCREENSHOTS

SIZES = {"small": (320, 568), "phone": (390, 844), "desk": (1280, 900)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Without preload, which would copy imported styles into the page: the admin's policy forbids that.
USUAL = {"resultTypes": ["violations"], "preload": False}
COLOURS = {**USUAL, "runOnly": ["color-contrast"]}  # all that a theme changes


def examine(page: Page, name: str, *, whole: bool = False) -> Iterator[str]:
    """Yields the size when the page has it, so that more can be asked there. Pictures are of what
    the window shows, or of the `whole` page."""
    page.wait_for_load_state()  # a page without its styles is wider
    before = page.viewport_size
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {size}"
        for theme in THEMES:
            # Colours that change slowly would be measured while they do.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{theme}.png", full_page=whole)
            found = Axe().run(page, options=USUAL if theme == "light" else COLOURS)
            assert found.violations_count == 0, f"{name}, {size}: {found.generate_report()}"
        yield size
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
