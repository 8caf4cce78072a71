"""The campaign form in Chromium: its invitations with links to copy, contestants and prompts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from arena.models import (
    Campaign,
    CampaignInvitation,
    Contestant,
    PromptSuggestion,
    Voter,
)
from tests import factories

from .looks import examine
from .test_matchmaking import staff

__all__ = ["staff"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FRENCH = "Pourquoi le ciel est-il bleu pendant la journée ?"


@pytest.fixture
def arena(transactional_db: None) -> Campaign:
    """A live campaign by invitation, with everything that its form can show."""
    Campaign.live()
    made = Campaign.objects.create(
        slug="medicine", name="Medicine", visibility="INVITATION", languages="en, de", goal=500
    )
    names = ("Ada 7B", "Bea", "Cygnus 13B Instruct with a long name", "Dove")
    models = [factories.contestant(name, state=Contestant.State.ACTIVE) for name in names]
    for each in models:
        factories.revision(each)
    made.contestants.set(models[:2])
    for note, days in (("The nurses of ward 3", 20), ("The students", -1)):
        CampaignInvitation.objects.create(
            campaign=made, note=note, expires=timezone.now() + timedelta(days=days)
        )
    for text in ("Explain [a diagnosis] to a patient.", "When is a fever dangerous? " * 6):
        PromptSuggestion.objects.create(
            campaign=made, text=text, category="KNOWLEDGE", language="en"
        )
    return made


def test_staff_copy_and_renew_an_invitation(staff: Page, arena: Campaign) -> None:
    """And what whoever follows it sees."""
    staff.context.grant_permissions(["clipboard-read", "clipboard-write"])
    staff.goto(f"/admin/arena/campaign/{arena.pk}/change/")
    nurses, students = CampaignInvitation.objects.order_by("pk")
    first, second = (staff.locator(f"#invitations-{number}") for number in range(2))
    first.get_by_role("button", name="Copy").click()
    expect(first.get_by_text("Copied.")).to_be_visible()
    copied = staff.evaluate("navigator.clipboard.readText()")
    assert copied == first.get_by_label("Link of the invitation").input_value()
    assert copied.endswith(f"/campaigns/medicine/?invitation={nurses.code}")
    for _size in examine(staff, "campaign-form"):
        pass
    expect(second.get_by_text("expired; 0 voters came by it")).to_be_visible()
    second.get_by_label("Renew").select_option("for 30 days from now")
    staff.get_by_role("button", name="Save and continue editing").click()
    expect(second.get_by_text("open; 0 voters came by it")).to_be_visible()
    students.refresh_from_db()
    assert students.expires is not None
    assert students.expires > timezone.now() + timedelta(days=29)
    follow_the_link(staff, copied)
    see_where_a_vote_counts(staff, arena)


def follow_the_link(page: Page, link: str) -> None:
    """A prompt in none of the campaign's languages is refused, and stays in its box."""
    page.goto(link)
    expect(page.get_by_text("Languages: English, German")).to_be_visible()
    page.get_by_label("Your prompt").fill(FRENCH)
    page.get_by_role("button", name="Start the battle").click()
    expect(page.get_by_text("Yours seems to be in another one (French).")).to_be_visible()
    expect(page.get_by_label("Your prompt")).to_have_value(FRENCH)
    for _size in examine(page, "campaign-refused"):
        pass


def see_where_a_vote_counts(page: Page, arena: Campaign) -> None:
    """On one line, however long the campaign's name is."""
    Campaign.objects.filter(pk=arena.pk).update(name="Medicine for nurses and their students " * 3)
    one, other = Contestant.objects.order_by("pk")[:2]
    battle = factories.battle(arena, one, other, voter=Voter.objects.latest("created"))
    answers = {each.revisions.get(): "Drink water, and rest." for each in (one, other)}
    factories.turn(battle, "What helps against a fever?", answers)
    page.goto(f"/battles/{battle.public_id}/")
    heading = page.get_by_role("heading", name="You asked")
    expect(heading).to_contain_text("· Medicine for nurses")
    for _size in examine(page, "battle-of-a-campaign"):
        lines = heading.evaluate("e => e.clientHeight / parseFloat(getComputedStyle(e).lineHeight)")
        assert lines < 1.5
