"""What answers cost, from prices and the tokens of real answers."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import numpy as np
import pytest
from django.test import Client

from arena.models import Answer, Campaign, Contestant
from arena.plurals import dollars
from ratings import freshness
from ratings.models import ResponseTime
from ratings.presentation import sheets
from ratings.presentation.costs import FEWEST, cost_of
from ratings.refreshing import drafts, response_times
from tests import factories

IN, OUT = Decimal("2.5"), Decimal("10")


@pytest.fixture
def answers(campaign: Campaign, contestants: list[Contestant]) -> np.ndarray:
    """Tokens that Ada read and wrote: in battles of two turns, all with a vote but the last."""
    Contestant.objects.filter(name="Ada").update(input_price=IN, output_price=OUT)
    a, b, _c = contestants
    first, second = factories.revision(a), factories.revision(b)
    drawn = np.random.default_rng(3).integers(20, 900, size=(FEWEST + 2, 2))
    for i in range(0, len(drawn), 2):
        battle = factories.battle(campaign, a, b)
        for number, (read, written) in enumerate(drawn[i : i + 2], 1):
            turn = factories.turn(battle, "Hi", {first: "x", second: "y"}, number)
            turn.answers.filter(side="A").update(
                prompt_tokens=read, completion_tokens=written - 10, thought_tokens=10
            )
        if i < FEWEST:
            factories.vote(battle, "A")
    drafts.refresh_all()
    response_times.measure()
    freshness.clear()
    sheets.forget()
    return drawn[:FEWEST]


def text(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.mark.django_db(transaction=True)
def test_cost_is_that_of_the_tokens_of_voted_answers(answers: np.ndarray) -> None:
    ada = Contestant.objects.get(name="Ada")
    cost = cost_of(ada, ResponseTime.objects.get(contestant=ada))
    each = (answers @ [float(IN), float(OUT)]) / 1000  # dollars per 1,000 answers like this one
    margin = 1.959964 * each.std(ddof=1) / np.sqrt(FEWEST)
    assert cost is not None
    assert cost.estimate == pytest.approx((each.mean(), each.mean() - margin, each.mean() + margin))
    assert cost.battle == pytest.approx(2 * each.mean() / 1000)  # of two turns
    assert (cost.read, cost.written) == pytest.approx(answers.mean(axis=0))
    assert cost.answers == FEWEST


@pytest.mark.django_db(transaction=True)
def test_cost_is_unknown_without_prices_or_enough_answers(answers: np.ndarray) -> None:
    ada, bea = Contestant.objects.get(name="Ada"), Contestant.objects.get(name="Bea")
    time = ResponseTime.objects.get(contestant=ada)
    assert cost_of(bea, time) is None
    assert cost_of(ada, None) is None
    assert cost_of(ada, ResponseTime.objects.get(contestant=bea)) is None  # no known tokens
    Answer.objects.filter(turn=Answer.objects.filter(side="A").latest("pk").turn_id - 2).update(
        finish_reason="cancelled"  # shorter than it would be
    )
    response_times.measure()
    time.refresh_from_db()
    assert time.counted == FEWEST - 1
    assert cost_of(ada, time) is None


@pytest.mark.django_db(transaction=True)
def test_cost_stands_wherever_prices_do(client: Client, answers: np.ndarray) -> None:
    mean = (answers @ [float(IN), float(OUT)]).mean() / 1000
    read, written = answers.mean(axis=0)
    model = text(client, "/leaderboard/arena/models/ada/")
    assert f"{dollars(mean)} (" in model
    assert f"and its side of a battle {dollars(2 * mean / 1000)}" in model
    assert f"it reads {read:.0f} tokens and writes {written:.0f}, on average of 30 answers" in model
    assert "$10.00 per million output tokens and $2.50 per million input tokens" in model
    Contestant.objects.filter(name="Ada").update(price_date="2024-03-04", price_source="a letter")
    sheets.forget()
    freshness.clear()
    model = text(client, "/leaderboard/arena/models/ada/")
    assert "input tokens on 4 March 2024 (a letter)" in model
    assert f"$10.00 1,000 answers: {dollars(mean)} " in text(client, "/leaderboard/arena/")
    api = client.get("/api/v1/campaigns/arena/choose/?slice=overall").json()
    [found] = [one for one in api["results"] if one["slug"] == "ada"] or [None]
    assert found is None or found["cost_per_1000_answers"]["value"] == pytest.approx(mean)


@pytest.mark.parametrize(
    ("price", "said"),
    [
        (0, "$0.00"), (0.6, "$0.60"), (12.5, "$12.50"), (1234.567, "$1,234.57"), (0.06, "$0.06"),
        (0.0424, "$0.042"), (0.00004, "$0.00004"), (0.995, "$0.99"), (1, "$1.00"),
    ],
)  # fmt: skip
def test_dollars_below_a_cent_have_two_digits(price: float, said: str) -> None:
    assert dollars(price) == said
