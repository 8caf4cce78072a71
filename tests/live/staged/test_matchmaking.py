"""Staff change how pairs are drawn, seeing first what it does; readers see the change, and whose
models were in the battles."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from arena.matchmaking import changing
from arena.matchmaking.policies import Rules
from arena.models import Campaign, Contestant, Voter
from ratings import freshness
from ratings.refreshing import drafts, publications
from tests import factories

from . import conftest
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Ada 7B", "Bea", "Cygnus 13B", "Dove", "Elm 3B Instruct", "Finch", "Gale", "Heron Large")
STRENGTH = dict(zip(NAMES, (3.0, 2.6, 2.2, 1.6, 1.2, 1.1, 0.8, 0.5), strict=True))
WEEKS = 9


@pytest.fixture
def arena(transactional_db: None) -> Campaign:
    """Eight models of seven organisations, with votes of nine weeks; the last has few."""
    campaign, chance = Campaign.objects.create(slug="arena", name="The arena"), random.Random(7)
    models = [
        factories.contestant(
            name, state=Contestant.State.ACTIVE, organisation=f"{name.split()[0][:4]} Labs"
        )
        for name in NAMES
    ]
    Contestant.objects.filter(name="Bea").update(organisation="Ada Labs")
    voter = Voter.objects.create()
    for a, b in combinations(models, 2):
        for _ in range(1 if b.name == NAMES[-1] else 3):
            p = STRENGTH[a.name] / (STRENGTH[a.name] + STRENGTH[b.name])
            verdict = "A" if chance.random() < p else "B"
            at = timezone.now() - timedelta(days=7 * WEEKS * chance.random() ** 2)
            factories.vote(factories.battle(campaign, a, b, voter=voter), verdict, at=at)
    drafts.refresh_all()
    publications.publish_due()
    freshness.clear()
    return campaign


@pytest.fixture
def staff(chromium: Browser, live_server: LiveServer, arena: Campaign) -> Iterator[Page]:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    context.route("**/static/**", conftest.collected)
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def look(page: Page, name: str) -> None:
    """At every size, in both themes, axe finds nothing."""
    for _size in examine(page, name):
        pass


def test_staff_preview_and_save_and_readers_see_why(staff: Page, arena: Campaign) -> None:
    staff.goto(f"/admin/arena/campaign/{arena.pk}/change/")
    staff.get_by_role("link", name="Matchmaking").click()
    staff.get_by_label("Boost:").fill("4")
    staff.get_by_label("Until it has votes:").fill("20")
    staff.get_by_label("Never draw:").select_option("Ada 7B")
    staff.get_by_label("against:").select_option("Bea")
    staff.get_by_label("Factor of Finch").fill("0")
    staff.get_by_role("button", name="Preview").click()
    expect(staff.get_by_text("To keep a contestant from being drawn, pause it.")).to_be_visible()
    staff.get_by_label("Factor of Finch").fill("0.5")
    staff.get_by_role("button", name="Preview").click()
    expect(staff.get_by_text("A preview: nothing is saved yet.")).to_be_visible()
    expect(staff.get_by_label("Ada 7B and Bea")).to_be_checked()
    look(staff, "matchmaking-preview")
    staff.get_by_label("Reason").fill("Heron is new; Ada and Bea are one model.")
    staff.get_by_role("button", name="Save this policy").click()
    expect(staff.get_by_text("battles are drawn by active-2 from now on")).to_be_visible()
    staff.get_by_role("link", name="public page of shares").click()
    expect(staff.get_by_text("Heron is new; Ada and Bea are one model.")).to_be_visible()
    expect(staff.locator(".stack")).not_to_have_count(0)
    look(staff, "shares")
    use_the_first_again(staff, arena)


def use_the_first_again(staff: Page, arena: Campaign) -> None:
    """That too is previewed, takes a reason and is a new policy."""
    staff.goto(f"/admin/arena/campaign/{arena.pk}/matchmaking/")
    expect(staff.get_by_label("Boost:")).to_have_value("4")
    expect(staff.get_by_role("row", name="active-2")).to_contain_text("holds now")
    first = staff.get_by_role("row", name="active-1")
    first.get_by_role("link", name="Use this one again").click()
    expect(staff.get_by_label("Boost:")).to_have_value("1")
    expect(staff.get_by_label("Factor of Finch")).to_have_value("1")
    expect(staff.get_by_label("Ada 7B and Bea")).to_have_count(0)
    expect(staff.get_by_role("button", name="Save this policy")).to_have_count(0)
    staff.get_by_role("button", name="Preview").click()
    staff.get_by_label("Reason").fill("Heron has enough votes now.")
    staff.get_by_role("button", name="Save this policy").click()
    expect(staff.get_by_text("battles are drawn by active-3 from now on")).to_be_visible()
    expect(staff.get_by_role("row", name="active-3")).to_contain_text("Ada 7B – Bea → —")
    assert changing.rules_of(changing.current(arena)) == Rules()
