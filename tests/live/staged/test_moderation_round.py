"""A round at the trust desk in Chromium: votes are held, their voter objects, a moderator leaves
them out, undoes that, counts them again and answers. Receipts and tallies follow each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from arena.models import Campaign, Vote
from arena.votes.voters import remember
from people import roles
from ratings.desk import watching
from tests.ratings.desk.conftest import Somebody, campaign, cast, crowd, honest, revisions, rigger
from tests.ratings.desk.test_watching import counted, recounted

from .conftest import collected
from .looks import examine

__all__ = ["campaign", "cast", "crowd", "honest", "revisions", "rigger"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OBJECTION = "I ask about short answers, and that model gives them."
ANSWER = "We read your votes. They are quick, but they are yours; they count again."
Opened = Callable[[str, str], AbstractContextManager[Page]]


@pytest.fixture
def opened(chromium: Browser, live_server: LiveServer) -> Opened:
    """A browser that has one cookie."""

    @contextmanager
    def open_(name: str, value: str) -> Iterator[Page]:
        context = chromium.new_context(base_url=live_server.url, reduced_motion="reduce")
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        context.route("**/static/**", collected)
        context.set_default_timeout(60_000)
        page, errors = context.new_page(), list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        context.close()
        assert errors == []

    return open_


@pytest.fixture
def rigged(transactional_db: None, crowd: list[Vote], rigger: Somebody) -> list[list[Vote]]:
    """Of two voters who vote for one model only."""
    return [rigger(), rigger()]


@pytest.fixture
def voter(opened: Opened, rigged: list[list[Vote]]) -> Iterator[Page]:
    """The first of them."""
    response = HttpResponse()
    remember(response, rigged[0][0].voter)
    [(name, cookie)] = response.cookies.items()
    with opened(name, cookie.value) as page:
        yield page


@pytest.fixture
def moderator(opened: Opened, transactional_db: None) -> Iterator[Page]:
    roles.make()
    client, somebody = Client(), User.objects.create_user("mo", is_staff=True)
    somebody.groups.add(Group.objects.get(name="Moderator"))
    client.force_login(somebody)
    with opened("sessionid", client.cookies["sessionid"].value) as page:
        yield page


def look(page: Page, name: str) -> None:
    """At every size, in both themes, axe finds nothing, and nothing is wider than the window."""
    for _size in examine(page, name, whole=True):
        pass


def test_moderation_round(
    voter: Page, moderator: Page, campaign: Campaign, rigged: list[list[Vote]]
) -> None:
    before, receipt = counted(campaign), f"/votes/{rigged[0][0].battle.public_id}/"
    read_the_receipt(voter, receipt, "Your vote counts.")
    watching.watch(60.0)
    fair = counted(campaign)
    assert fair != before
    assert fair == recounted(campaign)
    read_the_receipt(voter, receipt, "Your vote is waiting for a check and does not count yet.")
    expect(
        voter.get_by_text("resembles votes that are meant to move a model").first
    ).to_be_visible()
    object_to_it(voter)
    look(voter, "round-receipt-waiting")

    find_the_suspects(moderator)
    leave_out_all_of_them(moderator)
    assert counted(campaign) == fair
    read_the_receipt(voter, receipt, "Your vote does not count.")
    look(voter, "round-receipt-left-out")
    undo_it(moderator)
    assert counted(campaign) == fair == recounted(campaign)
    read_the_receipt(voter, receipt, "Your vote is waiting for a check and does not count yet.")

    read_the_evidence(moderator, rigged[0][0].voter_id)
    count_again(moderator)
    answer(moderator)
    read_the_receipt(voter, receipt, "Your vote counts.")
    expect(voter.get_by_text("Your objection was upheld on")).to_be_visible()
    expect(voter.get_by_text(ANSWER)).to_be_visible()
    look(voter, "round-receipt-after")
    read_the_evidence(moderator, rigged[1][0].voter_id)
    count_again(moderator)
    assert counted(campaign) == before == recounted(campaign)


def read_the_receipt(page: Page, address: str, said: str) -> None:
    page.goto(address)
    expect(page.locator(".lede")).to_contain_text(said)


def object_to_it(page: Page) -> None:
    page.get_by_label("If you think that your vote should count, say why.").fill(OBJECTION)
    page.get_by_role("button", name="Send the objection").click()
    expect(
        page.get_by_text("Your objection to this vote is waiting for an answer.")
    ).to_be_visible()


def find_the_suspects(page: Page) -> None:
    page.goto("/admin/")
    panel = page.locator("section#waiting")
    expect(panel).to_contain_text("1 objection open")
    expect(panel).to_contain_text("Suspected voters")
    look(page, "round-control-room")
    panel.get_by_role("link", name="2", exact=True).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    look(page, "round-suspects")


def leave_out_all_of_them(page: Page) -> None:
    for box in page.locator("#result_list .action-select").all():
        box.check()
    page.get_by_label("Action:").select_option("Leave their held votes out …")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_role("heading", name="Exclude 32 votes?")).to_be_visible()
    expect(page.get_by_text(OBJECTION)).to_be_visible()
    look(page, "round-exclusion")
    page.get_by_label("Reason").fill("rigging")
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("Applied to 32 votes.")).to_be_visible()
    look(page, "round-excluded")


def undo_it(page: Page) -> None:
    page.get_by_role("button", name="Undo: every vote as before").click()
    expect(page.get_by_text("Undone: 32 votes as before.")).to_be_visible()


def read_the_evidence(page: Page, voter: int) -> None:
    page.goto("/admin/arena/suspect/?state=waiting")
    page.get_by_role("link", name=str(voter), exact=True).click()
    expect(page.get_by_role("heading", name=f"Voter {voter} in The arena")).to_be_visible()
    expect(page.get_by_text("Tell me who made you").first).to_be_visible()


def count_again(page: Page) -> None:
    look(page, "round-evidence")
    page.get_by_role("button", name="Count them again …").click()
    expect(page.get_by_role("heading", name="Count 16 votes again?")).to_be_visible()
    look(page, "round-counting-again")
    page.get_by_role("button", name="Count again", exact=True).click()
    expect(page.get_by_text("Applied to 16 votes.")).to_be_visible()


def answer(page: Page) -> None:
    page.goto("/admin/")
    page.locator("section#waiting").get_by_role("heading").get_by_role("link").click()
    look(page, "round-objections")
    page.locator("#result_list tbody th a").first.click()
    expect(page.get_by_text(OBJECTION)).to_be_visible()
    page.get_by_label("Answer").fill(ANSWER)
    page.get_by_label("Outcome").select_option("Uphold: the vote counts")
    look(page, "round-objection")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("0 objections")).to_be_visible()
