"""One running arena for all tests of this folder, one Chromium for those in a browser."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from .site import ROOT, USUAL_TOKENS, Site
from .volunteer import Volunteer

expect.set_options(timeout=60_000)  # its five seconds are not enough on a busy machine
HERE = Path(__file__).parent
SCREENSHOTS = ROOT / "var" / "screenshots"
WARNED = "the server responded with a status of 422"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole arenas start and die here, which takes long on a busy machine."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def site(weights: Path) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-live-"))
    folder.chmod(0o755)  # when run as root, PostgreSQL's account needs access
    key = Fernet.generate_key().decode()
    running = Site(folder / "var", settings.WEIGHTS_DIR, NAMED_CHATS="on", SECRETS_KEY=key)
    try:
        running.wait_ready()
        running.answer_briefly(USUAL_TOKENS)
        yield running
        assert running.stop() == 0, "\n".join(running.lines)
    finally:
        running.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def volunteer(site: Site) -> Iterator[Volunteer]:
    with Volunteer(site.url) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("There is no Chromium here. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A fresh visitor. Any error in the page's console fails the test."""
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.extend(_error(said)))
    page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
    yield page
    context.close()
    assert complaints == []


def _error(said: ConsoleMessage) -> list[str]:
    is_warned = WARNED in said.text  # about a prompt: the server's answer is the page to look at
    is_error = said.type == "error" and not is_warned
    return [f"{said.text} ({said.location['url']})"] if is_error else []


def shoot(page: Page, name: str) -> None:
    """Screenshots for the developer: desktop and phone, light and dark."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in {"desktop": (1280, 900), "phone": (390, 844)}.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}-light.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}-dark.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
