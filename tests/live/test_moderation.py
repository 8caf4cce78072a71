"""A whole arena that asks a moderation API: what its visitors and staff see while it works, and
while it fails."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from tests.arena.moderating.api import Server
from tests.inference.worker.backends.local_server import serving

from .conftest import shoot
from .site import Site, until
from .test_other_pages import staff

__all__ = ["staff"]
pytestmark = pytest.mark.browser
PROMPT = "I feel despair tonight."
FLAGS = "SELECT DISTINCT category, action, source, proceeded FROM arena_flag ORDER BY 1, 2"


@pytest.fixture(scope="module")
def api() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


@pytest.fixture(scope="module")
def site(weights: Path, api: Server) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-live-"))
    folder.chmod(0o755)  # when run as root, PostgreSQL's account needs access
    running = Site(
        folder / "var", settings.WEIGHTS_DIR, MODERATION_URL=api.base, MODERATION_SECONDS="2.5"
    )
    try:
        running.wait_ready()
        running.answer_briefly(20)
        yield running
        assert running.stop() == 0, "\n".join(running.lines)
    finally:
        running.process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_moderation_api_works_and_fails(staff: Page, site: Site, api: Server) -> None:
    decide(staff, unchecked="warn")
    be_warned_and_decide(staff)
    decide(staff, self_harm="block", unchecked="block")
    be_blocked_with_help(staff)
    api.status = 500
    read_why_nothing_can_be_sent(staff)
    see_that_it_fails(staff)
    decide(staff, unchecked="log")
    ask(staff, "A walk by the sea")
    staff.wait_for_url("**/battles/*/")
    api.status = 200
    try_a_text(staff)
    assert site.rows(FLAGS) == [
        ("self_harm", "BLOCK", "CHECKER", False),
        ("self_harm", "WARN", "CHECKER", True),
        ("unchecked", "BLOCK", "CHECKER", False),
        ("unchecked", "LOG", "CHECKER", False),
    ]


def ask(page: Page, prompt: str) -> None:
    page.goto("/")
    page.get_by_label("Your prompt").fill(prompt)
    page.get_by_role("button", name="Start the battle").click()


def asked(page: Page, prompt: str, said: str) -> Locator:
    """What stands below the box, once it says so: a busy machine may answer too late at first."""
    below = page.locator(".questioned")

    def is_said() -> bool:
        ask(page, prompt)
        return said in below.inner_text()

    until(is_said, said)
    return below


def be_warned_and_decide(page: Page) -> None:
    said = asked(page, PROMPT, "you are not alone")
    expect(said.get_by_role("link", name="988")).to_have_attribute("href", "tel:988")
    expect(said.locator("p").last).to_have_text("Change your prompt, or send it as it is.")
    shoot(page, "checker-warns")
    page.get_by_role("button", name="Send it anyway").click()
    page.wait_for_url("**/battles/*/")
    expect(page.get_by_text(PROMPT).first).to_be_visible()


def decide(page: Page, **actions: str) -> None:
    page.goto("/admin/arena/moderationpolicy/")
    for category, action in actions.items():
        page.locator(f"select[name={category}]").select_option(action)
    page.get_by_label("Reason for the change").fill("A school uses it.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("It holds from the next prompt on.")).to_be_visible()


def be_blocked_with_help(page: Page) -> None:
    said = asked(page, PROMPT, "you are not alone")
    expect(said.locator("p").last).to_contain_text("Your prompt was not sent, and not stored.")
    expect(said.get_by_role("link", name="988")).to_be_visible()
    expect(page.get_by_label("Your prompt")).to_have_value(PROMPT)
    expect(page.get_by_role("button", name="Send it anyway")).to_have_count(0)
    shoot(page, "checker-blocks")


def read_why_nothing_can_be_sent(page: Page) -> None:
    asked(page, "A walk by the sea", "Prompts cannot be checked at the moment.")
    shoot(page, "checker-fails")


def see_that_it_fails(page: Page) -> None:
    panel = page.locator("section#checker")

    def is_told() -> bool:
        ask(page, "A walk by the sea")
        page.goto("/admin/")
        return "The API answered 500: Out of order." in panel.inner_text()

    until(is_told, "why it fails")
    expect(panel).to_contain_text("Until it answers again, no prompt can be sent.")
    page.goto("/admin/arena/moderationpolicy/")
    expect(page.locator("#checker")).to_contain_text("The API answered 500: Out of order.")
    shoot(page, "checker-fails-staff")


def try_a_text(page: Page) -> None:
    def is_found() -> bool:
        page.goto("/admin/arena/moderationpolicy/")
        page.get_by_label("Text").fill("Much gore, ada@example.org.")
        page.get_by_role("button", name="Check").click()
        return page.get_by_text("Violence and threats: log, by the checker").is_visible()

    until(is_found, "its verdict")
    expect(page.get_by_text("Personal data: warn")).to_be_visible()
    expect(page.locator("#checker")).to_contain_text("is asked, for at most 2.5")
    expect(page.locator("#checker")).not_to_contain_text("fails")
    shoot(page, "checker-tried")
