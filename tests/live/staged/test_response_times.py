"""Response times and costs as readers see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from arena.models import Campaign
from ratings.models import AnswerSpeed, ResponseTime
from ratings.refreshing import drafts
from tests import factories
from tests.ratings.conftest import tally

from .conftest import collected
from .looks import examine

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Ada", "Bea", "Cy", "Dot", "Eve", "Flo", "Gus")


@pytest.fixture
def measured() -> None:
    campaign = Campaign.live()
    models = []
    for i, name in enumerate(NAMES):
        one = factories.contestant(
            name, access="PROPRIETARY" if i % 2 else "OPEN_SOURCE", parameters=(i + 1) * 10**9,
            input_price=0.1 * 2**i, output_price=0.4 * 2**i, price_date="2026-11-03",
            price_source="https://example.org/prices",
        )  # fmt: skip
        models.append(one)
        ResponseTime.objects.create(
            contestant=one, median_s=1.5 + i, answers=400, counted=400, battles=300,
            read=180 + 10 * i, written=420 - 20 * i, read_variance=9000, written_variance=40000,
            covariance=3000,
        )  # fmt: skip
    for i, a in enumerate(models):
        for b in models[i + 1 :]:
            tally(campaign, a, b, 300, 340, 40, 10)
    drafts.refresh_all()
    for i, one in enumerate(models):  # after the publication, which measures them anew
        for prompts in (AnswerSpeed.Prompts.ALL, AnswerSpeed.Prompts.SHORT):
            enough = prompts == AnswerSpeed.Prompts.ALL or i % 3
            first, rate = 0.11 * 1.6**i, 60 / 1.3**i
            AnswerSpeed.objects.create(
                campaign=campaign, contestant=one, prompts=prompts, answers=400 if enough else 12,
                first_s_median=[first, 0.8 * first, 1.3 * first] if enough else None,
                first_s_p90=[4 * first, 3 * first, 6 * first] if enough else None,
                tokens_per_second_median=[rate, 0.97 * rate, 1.03 * rate] if enough else None,
                tokens_per_second_p10=[rate / 2, rate / 2.4, rate / 1.7] if enough else None,
            )  # fmt: skip


def test_response_times_fit_every_size_and_are_sorted_by_a_click(
    chromium: Browser, live_server: LiveServer, measured: None
) -> None:
    with chromium.new_context(base_url=live_server.url, reduced_motion="reduce") as context:
        context.route("**/static/**", collected)
        page = context.new_page()
        page.goto("/leaderboard/arena/response-times/")
        assert list(examine(page, "response-times", whole=True)) == ["small", "phone", "desk"]
        first = page.locator(".board tbody th").first
        expect(first).to_have_text("Ada")
        page.get_by_role("link", name="Tokens/s, median").click()
        page.get_by_role("link", name="Tokens/s, median").click()
        expect(page.locator("[aria-sort=ascending]")).to_have_count(1)
        expect(first).to_have_text("Gus")
        page.get_by_role("link", name="up to 100 tokens").click()
        expect(page.get_by_text("3 models with too few answers are not drawn.")).to_have_count(2)
