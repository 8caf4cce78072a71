"""Votes are brought in from the admin, looked at before, withdrawn, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .site import Site, until
from .test_control_room import looked_at
from .test_other_pages import staff

__all__ = ["staff"]
pytestmark = pytest.mark.browser
HEAD = "model_a,model_b,winner,id"
WINNERS = ("model_a", "model_b", "tie", "model_a")
ROWS = [
    f"ada-{n % 3},bea-{n % 4},{WINNERS[n % 4] if n % 19 else 'perhaps'},{n}" for n in range(120)
]
FILE = "\n".join([HEAD, *ROWS]).encode()
EARLIER = "\n".join([HEAD, *(row.replace(",tie,", ",model_b,") + "-e" for row in ROWS)]).encode()
PATIENCE_MS = 60_000


def test_votes_are_previewed_imported_withdrawn_and_taken_back(staff: Page, site: Site) -> None:
    page = staff
    page.goto("/admin/arena/job/import/")
    choose(page, FILE.replace(b",", b";"))
    expect(page.locator(".errorlist")).to_contain_text("separated by commas")
    looked_at(page, "imports-wrong-separator")
    choose(page, EARLIER, "earlier.csv", dry_run=False)
    expect(page.get_by_text("Imported 113 votes on 7 models")).to_be_visible(timeout=PATIENCE_MS)
    import_after_a_dry_run(page)
    download_what_was_set_aside(page)
    page.goto("/admin/arena/import/")
    page.get_by_role("link", name="votes.csv").first.click()
    there = board(page, votes=226)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("226 votes before, 113 after.")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("columnheader", name="Score before")).to_be_visible()
    looked_at(page, "imports-previewed")
    change(page, "Withdraw 113 votes", "the wrong file")
    expect(page.get_by_text("Withdrawn: 113 votes.")).to_be_visible(timeout=PATIENCE_MS)
    looked_at(page, "imports-withdrawn")
    assert board(page, votes=113) != there
    readers_are_told(page)
    change(page, "Take back 113 votes", "the right file after all")
    expect(page.get_by_text("Taken back: 113 votes.")).to_be_visible(timeout=PATIENCE_MS)
    looked_at(page, "imports-taken-back")
    assert board(page, votes=226) == there  # to the last digit


def import_after_a_dry_run(page: Page) -> None:
    choose(page, FILE)
    offer = page.get_by_role("button", name="Import these 113 votes")
    expect(offer).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("This was a dry run: nothing has changed.")).to_be_visible()
    looked_at(page, "imports-dry-run")
    offer.click()
    done = page.get_by_text("Imported 113 votes on 7 models")
    expect(done).to_have_count(2, timeout=PATIENCE_MS)
    looked_at(page, "imports-done")


def download_what_was_set_aside(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="votes.set-aside.csv").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.count("perhaps") >= 7


def change(page: Page, button: str, reason: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=button).click()


def board(page: Page, votes: int) -> list[Any]:
    """Every number that readers get, once the leaderboard has so many votes."""

    def lines() -> list[Any] | None:
        found = page.request.get("/leaderboard/walk/data.json").json()
        return found["ratings"] if found["votes"] == votes else None

    return until(lines, f"a leaderboard of {votes} votes") or []


def readers_are_told(page: Page) -> None:
    address = page.url
    page.goto("/campaigns/walk/")
    expect(page.get_by_text("113 votes cast elsewhere were withdrawn")).to_be_visible()
    page.goto(address)


def choose(page: Page, content: bytes, name: str = "votes.csv", dry_run: bool = True) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_label("Campaign:", exact=True).fill("walk")
    page.get_by_label("Name of a new campaign").fill("Walk")
    page.get_by_label("Dry run").set_checked(dry_run)
    page.get_by_role("button", name="Import votes").click()
