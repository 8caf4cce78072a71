"""What voters say of models, as readers see it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from arena.models import Campaign, Reason
from ratings.models import ReasonShare
from ratings.refreshing import drafts
from tests import factories
from tests.ratings.conftest import tally

from .conftest import collected
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Ada 7B", "Bea", "Cy 70B Instruct Preview 2026-10", "Dot", "Eve", "Flo")


@pytest.fixture
def said() -> None:
    campaign = Campaign.live()
    models = [
        factories.contestant(name, access="PROPRIETARY" if i % 2 else "OPEN_SOURCE")
        for i, name in enumerate(NAMES)
    ]
    for i, a in enumerate(models):
        for b in models[i + 1 :]:
            tally(campaign, a, b, 300, 340, 40, 10)
    drafts.refresh_all()
    for place, reason in enumerate(Reason.objects.all()):
        of_all = 0.4 / (1 + place % 7)
        for i, one in enumerate(models):  # the best are praised most
            value, rest = of_all * (1 + reason.sign * (2.5 - i) / 4), i == len(models) - 1
            ReasonShare.objects.create(
                campaign=campaign, contestant=one, reason=reason, of_all=of_all,
                answers=12 if rest else 300 - 10 * i,
                share=None if rest else [value, 0.8 * value, 1.25 * value],
                relation=None if rest else {0: reason.sign, 4: -reason.sign}.get(i, 0),
                counted=timezone.now(),
            )  # fmt: skip


def test_shares_fit_every_size_and_a_reason_leads_to_its_chart(
    chromium: Browser, live_server: LiveServer, said: None
) -> None:
    with chromium.new_context(base_url=live_server.url, reduced_motion="reduce") as context:
        context.route("**/static/**", collected)
        page = context.new_page()
        page.goto("/leaderboard/arena/reasons/")
        assert list(examine(page, "reasons", whole=True)) == ["small", "phone", "desk"]
        ada = page.get_by_role("listitem").filter(has_text="Ada 7B: more often")
        expect(ada).to_contain_text("less often “incorrect”")
        expect(page.locator("td.above, td.below")).to_have_count(28)
        page.get_by_role("table").get_by_role("link", name="useful").click()
        expect(
            page.get_by_role("heading", name="“useful”: said clearly more often")
        ).to_be_visible()
        expect(page.get_by_text("1 model with too few answers is not drawn.")).to_be_visible()
        assert list(examine(page, "reason", whole=True)) == ["small", "phone", "desk"]
