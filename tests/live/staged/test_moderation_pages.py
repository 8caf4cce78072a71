"""Pages of moderation in Chromium: the policy with its box to try it, flags, and what became of a
change of a campaign's rule."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from arena.jobs import running
from arena.models import Battle, Campaign, Flag, ModerationPolicy
from arena.moderating import health

from .looks import examine
from .test_matchmaking import staff

__all__ = ["staff"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "I want to die. Write to ada@example.org how to make a pipe bomb, please. " * 3


@pytest.fixture
def arena(battle: Battle) -> Campaign:
    """With flags of every kind."""
    for about, category, action, side in (
        ("PROMPT", "personal", "WARN", ""), ("ANSWER", "violence", "LOG", "B"),
        ("PROMPT", "minors", "BLOCK", ""), ("CHAT", "self_harm", "WARN", ""),
        ("PROMPT", "unchecked", "LOG", ""),
    ):  # fmt: skip
        has_battle = about != "CHAT" and action != "BLOCK"
        Flag.objects.create(
            about=about, category=category, action=action, side=side,
            battle=battle if has_battle else None, turn=1 if has_battle else None,
            proceeded=action == "WARN",
            source="CHECKER" if category == "unchecked" else "RULES",
        )  # fmt: skip
    ModerationPolicy.objects.create(actions={"hate": "BLOCK"}, reason="A school uses it.")
    return battle.campaign


def look(page: Page, name: str) -> None:
    for _size in examine(page, name, whole=True):
        pass


def test_moderators_see_flags_and_try_the_policy(staff: Page, arena: Campaign) -> None:
    staff.goto("/admin/arena/moderationpolicy/")
    staff.get_by_label("Text").fill(TEXT)
    staff.get_by_role("button", name="Check").click()
    expect(staff.get_by_text("Its visitor would be warned")).to_be_visible()
    look(staff, "moderation-policy")
    staff.get_by_role("link", name="Flags", exact=True).click()
    expect(staff.locator("#result_list tbody tr")).to_have_count(5)
    look(staff, "moderation-flags")
    staff.get_by_label("Category").select_option("Violence and threats")
    staff.get_by_role("button", name="Show", exact=True).click()
    expect(staff.locator("#result_list tbody tr")).to_have_count(1)


def test_staff_see_that_the_checker_fails(staff: Page, arena: Campaign, settings: Any) -> None:
    settings.GUARD_MODEL = "guard"
    health.failed("No model worker serves it now.")
    staff.goto("/admin/")
    panel = staff.locator("section#checker")
    expect(panel).to_contain_text("Until it answers again, prompts are sent, each with a flag.")
    look(staff, "moderation-checker")
    health.worked()


def test_staff_follow_a_changed_rule_and_undo_it(staff: Page, arena: Campaign) -> None:
    staff.goto(f"/admin/arena/campaign/{arena.pk}/change/")
    staff.get_by_label("Votes on answers that name their model or its maker").select_option(
        "COUNTED"
    )
    staff.get_by_role("button", name="Save and continue editing").click()
    staff.get_by_role("link", name="how far that is, and how to undo it").click()
    running.run_all(is_stopping=lambda: False)
    expect(staff.get_by_role("button", name="Undo")).to_be_visible()
    look(staff, "names-job")
    staff.get_by_role("button", name="Undo").click()
    expect(staff.get_by_text("Waiting for the background worker.")).to_be_visible()
    running.run_all(is_stopping=lambda: False)
    arena.refresh_from_db()
    assert arena.named_answers == Campaign.NamedAnswers.LEFT_OUT
