"""What belongs to the voter, in a browser: receipt, objection and its answer, My arena, a second
device, deletion."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .conftest import shoot
from .site import Site
from .test_other_pages import PASSWORD, assert_sound
from .volunteer import Volunteer

pytestmark = pytest.mark.browser
PROMPTS = ("Name a colour.", "Why is the sky blue? Answer in one sentence.")


@pytest.fixture
def other(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A second device."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def clerk(chromium: Browser, site: Site) -> Iterator[Page]:
    """An admin, elsewhere."""
    site.rows(
        """INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,
                                  first_name, last_name, email, date_joined)
           VALUES ('clerk', %s, true, true, true, '', '', '', now())""",
        make_password(PASSWORD, hasher="pbkdf2_sha256"),
    )
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    yield page
    context.close()
    site.rows(
        "DELETE FROM django_admin_log; DELETE FROM usersessions_usersession; "
        "DELETE FROM auth_user WHERE username = 'clerk'"
    )


@pytest.fixture
def voted(page: Page, site: Site, volunteer: Volunteer) -> str:
    """The browser of somebody who has voted, with everybody's votes on every pair; the last
    battle."""
    battle = ""
    for prompt in PROMPTS:
        battle = volunteer.begin(prompt)
        volunteer.finish(battle)
        volunteer.vote(battle, "A")
    volunteer.begin("A battle without a vote")
    site.rows(
        """INSERT INTO arena_tally (campaign_id, slice, first_id, second_id,
                                    first_wins, second_wins, ties, both_bad)
           SELECT c.id, 'overall', x.id, y.id, 40, 25 + 3 * y.id, 12, 5
           FROM arena_campaign c, arena_contestant x, arena_contestant y
           WHERE x.id < y.id AND c.slug = 'arena'
           ON CONFLICT (campaign_id, slice, first_id, second_id) DO UPDATE SET first_wins = 40,
               second_wins = excluded.second_wins"""
    )
    cookie = {"name": "voter", "value": volunteer.http.cookies["voter"], "url": site.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return battle


def test_voter_follows_objects_carries_and_deletes(
    page: Page, voted: str, clerk: Page, other: BrowserContext, site: Site
) -> None:
    page.goto(f"/battles/{voted}/")
    page.get_by_role("link", name="Receipt of your vote").click()
    expect(page.get_by_text("Your vote counts.")).to_be_visible()
    looked_at(page, "receipt")
    object_and_be_answered(page, clerk)
    look_at_my_arena(page)
    link = make_a_code(page)
    phone = other.new_page()
    claim_and_delete(phone, link)
    assert [cookie for cookie in other.cookies() if cookie["name"] == "voter"] == []
    page.goto("/mine/")
    expect(page.get_by_text("This browser has not started a battle yet")).to_be_visible()
    looked_at(page, "my-arena-empty")
    texts = "SELECT count(*) FROM arena_turn WHERE prompt = ANY(%s)"
    assert site.rows(texts, [*PROMPTS, "A battle without a vote"]) == [(0,)]
    site.rows("DELETE FROM arena_tally")


def looked_at(page: Page, name: str) -> None:
    shoot(page, name)
    assert_sound(page, name)


def object_and_be_answered(page: Page, clerk: Page) -> None:
    page.get_by_label("If this was a mistake").fill("My cat sat on the keyboard.")
    page.get_by_role("button", name="Send the objection").click()
    expect(page.get_by_text("waiting for an answer")).to_be_visible()
    clerk.goto("/admin/arena/objection/?state__exact=OPEN")
    shoot(clerk, "admin-objections")
    clerk.locator("#result_list tbody th a").first.click()
    clerk.get_by_label("Answer").fill("We left it out. Greetings to the cat.")
    clerk.get_by_label("Outcome").select_option("EXCLUDE")
    clerk.get_by_label("Reason").fill("at the voter's request")
    shoot(clerk, "admin-objection")
    clerk.get_by_role("button", name="Save", exact=True).click()
    expect(clerk.locator(".success")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Greetings to the cat.")).to_be_visible()
    expect(page.get_by_text("You asked us to leave it out.").first).to_be_visible()
    looked_at(page, "receipt-answered")


def look_at_my_arena(page: Page) -> None:
    page.get_by_role("link", name="My arena").click()
    expect(page.get_by_role("heading", name="Your own leaderboard")).to_be_visible()
    expect(page.locator(".history li")).to_have_count(3)
    expect(page.get_by_text("No vote yet")).to_have_count(1)
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Withdraw my consent")).to_be_visible()
    page.get_by_text("How this is computed").click()
    page.get_by_text("What you agreed to, and when").click()
    looked_at(page, "my-arena")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    assert PROMPTS[0] in download.value.path().read_text()


def make_a_code(page: Page) -> str:
    page.get_by_role("button", name="Make a code").click()
    link = page.get_by_role("link", name="/mine/claim/").inner_text()
    looked_at(page, "code")
    return link


def claim_and_delete(phone: Page, link: str) -> None:
    phone.goto(link)
    expect(phone.get_by_label("Code")).to_have_value(link.partition("#")[2])
    assert "#" not in phone.url
    looked_at(phone, "claim")
    phone.get_by_role("button", name="Make this browser the same voter").click()
    expect(phone.locator(".history li")).to_have_count(3)
    phone.get_by_role("link", name="Delete my data").click()
    looked_at(phone, "delete")
    phone.get_by_label("I understand").check()
    phone.get_by_role("button", name="Delete my data").click()
    expect(phone.get_by_role("heading", name="Your data are deleted")).to_be_visible()
