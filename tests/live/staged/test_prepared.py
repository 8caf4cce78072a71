"""Staff look through prepared answers: which wait and why, what failed, and have it tried again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from arena import broker
from arena.campaigns import batches, prompt_sets
from arena.limits import ATTEMPTS
from arena.models import Campaign, Contestant, PreparedAnswer
from inference.contract.limits import PRESENCE
from inference.contract.presence import Heartbeat, publish, withdraw
from tests import factories
from tests.bending import bend

from . import conftest
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
State = PreparedAnswer.State
PROMPTS = 40
LONG = (
    "The provider refused it: 429 Too Many Requests: you have used all tokens of this minute; "
    '{"error": {"type": "rate_limit_exceeded", "retry_after": 12}}'
)


@pytest.fixture
def campaign(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Campaign]:
    """120 answers by three contestants, one of which no worker serves; some failed."""
    bend(monkeypatch, PRESENCE, kept_s=600)
    broker.connection().delete("workers-seen")
    made = Campaign.objects.create(slug="ready", name="Ready for judges", kind="PREPARED")
    words = "\n\n".join(f"What is {n} times {n + 2}? Explain each step." for n in range(PROMPTS))
    prompt_sets.enter(made, prompt_sets.typed(words))
    served, failing, unserved = (
        factories.contestant(name, state=Contestant.State.ACTIVE)
        for name in ("Ada 7B Instruct", "Bea Large", "Cygnus 13B")
    )
    for one in (served, failing, unserved):
        factories.revision(one)
    beat = Heartbeat("one", (f"{served.slug}-weights", f"{failing.slug}-weights"), 4)
    publish(broker.connection(), beat)
    batches.order(made, [served, failing, unserved])
    of = PreparedAnswer.objects.filter
    of(revision__contestant=served).update(state=State.DONE, attempt=1, text="Well.")
    tried = {"state": State.FAILED, "attempt": ATTEMPTS.of_batch}
    of(revision__contestant=failing).update(**tried, error=LONG)
    first = of(revision__contestant=failing).order_by("pk").first()
    of(pk=first and first.pk).update(error="It fell silent.")
    yield made
    withdraw(broker.connection(), beat)


@pytest.fixture
def staff(chromium: Browser, live_server: LiveServer, campaign: Campaign) -> Iterator[Page]:
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


def rows(page: Page) -> Locator:
    return page.locator("#result_list tbody tr")


def look(page: Page, name: str) -> None:
    for _size in examine(page, name):
        pass


def test_staff_find_what_failed_and_why_others_wait_and_retry(
    staff: Page, campaign: Campaign
) -> None:
    page = staff
    page.goto("/admin/arena/preparedanswer/")
    expect(page.get_by_text("120 prepared answers", exact=True)).to_be_visible()
    look(page, "prepared-all")
    page.get_by_label("contestant").select_option(label="Cygnus 13B")
    page.get_by_role("button", name="Show").click()
    expect(rows(page).first).to_contain_text("waiting")
    expect(rows(page).first).to_contain_text("No running worker has cygnus-13b")
    look(page, "prepared-unserved")
    page.goto(f"/admin/arena/preparedanswer/?campaign={campaign.pk}&state=FAILED&error=silent")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text("It fell silent.")
    rows(page).first.get_by_role("link").first.click()
    expect(page.get_by_text("It fell silent.")).to_be_visible()
    look(page, "prepared-one")
    page.go_back()
    rows(page).get_by_role("checkbox").first.check()
    page.locator("select[name=action]").select_option(label="Retry failed answers")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 answer will be retried.")).to_be_visible()
    assert PreparedAnswer.objects.filter(state=State.FAILED).count() == PROMPTS - 1
    look(page, "prepared-retried")
