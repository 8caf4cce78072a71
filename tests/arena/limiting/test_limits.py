"""Attacks of the kind that were tried on the arena, and what people are told."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from arena import broker
from arena.battles import turns
from arena.errors import Refused
from arena.limiting import gates, meter, open_battles
from arena.limiting.clients import Client, voter_key
from arena.limiting.rules import What
from arena.models import Battle, Vote, Voter
from config.settings import LIMITS
from inference.contract.broker import connect

from ..conftest import answer_all
from .conftest import Limit

pytestmark = pytest.mark.django_db


def passed(what: What, clients: list[Client]) -> int:
    """How many of them are let through, one after the other."""
    through = 0
    for client in clients:
        try:
            meter.charge(what, client)
        except Refused:
            continue
        through += 1
    return through


def test_267_votes_of_one_address_in_a_minute_are_60(limit: Limit) -> None:
    limit(votes={"voter": "20/minute", "prefix": "60/minute"})
    ring = [Client(voter_key(n % 50), "net") for n in range(267)]
    assert passed(What.VOTES, ring) == 60
    assert passed(What.VOTES, [Client("someone", "elsewhere")]) == 1


def test_1000_prompts_of_one_voter_in_a_minute_are_12(limit: Limit) -> None:
    limit(prompts={"voter": "12/minute", "prefix": "120/minute", "all": "1000/minute"})
    assert passed(What.PROMPTS, [Client("flooder", f"net {n}") for n in range(1000)]) == 12


def test_1000_prompts_of_new_voters_from_one_address_are_120(limit: Limit) -> None:
    limit(prompts={"voter": "12/minute", "prefix": "120/minute", "all": "1000/minute"})
    assert passed(What.PROMPTS, [Client("", "net") for _ in range(1000)]) == 120
    assert passed(What.PROMPTS, [Client("someone", "elsewhere")]) == 1


def test_refused_requests_use_up_nothing_of_others(limit: Limit) -> None:
    limit(prompts={"voter": "2/minute", "all": "5/minute"})
    assert passed(What.PROMPTS, [Client("flooder", "net")] * 100) == 2
    assert passed(What.PROMPTS, [Client("someone", "net")]) == 1


def test_limit_of_0_is_none(limit: Limit) -> None:
    limit()
    assert passed(What.PROMPTS, [Client("someone", "net")] * 300) == 300


def test_refused_prompt_is_kept_with_the_limit_and_when_it_goes_on(
    limit: Limit, in_service: None, browser: Browser
) -> None:
    limit(prompts={"voter": "1/minute"})
    assert browser.post("/battles/", {"prompt": "First"}).status_code == 302
    response = browser.post("/battles/", {"prompt": "Second <thought>"})
    page = response.content.decode()
    assert response.status_code == 429
    assert 55 <= int(response["Retry-After"]) <= 60
    assert re.search(r"limited to 1 per minute\. You can go on in \d+ seconds", page)
    assert "Second &lt;thought&gt;</textarea>" in page
    assert Battle.objects.count() == 1


def test_refused_prompt_costs_a_few_queries_however_many_battles_are_open(
    limit: Limit,
    in_service: None,
    browser: Browser,
    voter: Voter,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    limit(prompts={"voter": "3/minute"})
    for n in range(3):
        assert browser.post("/battles/", {"prompt": f"Question {n}"}).status_code == 302
    with django_assert_max_num_queries(7):  # for what the page shows beside the refusal
        assert browser.post("/battles/", {"prompt": "One more"}).status_code == 429


def test_refused_follow_up_is_kept(limit: Limit, battle: Battle, browser: Browser) -> None:
    answer_all(battle, "Done.")
    Battle.objects.update(created=timezone.now() - timedelta(minutes=5))
    limit(prompts={"voter": "1/minute"})
    gates.ask(Client(voter_key(battle.voter_id), ""))
    response = browser.post(f"/battles/{battle.public_id}/turns/", {"prompt": "And then?"})
    assert response.status_code == 429
    assert "And then?</textarea>" in response.content.decode()
    assert battle.turns.count() == 1


def test_refused_vote_leaves_the_battle_open(
    limit: Limit, battle: Battle, browser: Browser
) -> None:
    answer_all(battle)
    limit(votes={"voter": "1/hour"})
    client = Client(voter_key(battle.voter_id), "")
    gates.voted(client, battle)
    response = browser.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3500
    assert "limited to 1 per hour. You can go on in 60 minutes. This battle stays open" in (
        response.content.decode()
    )
    assert not Vote.objects.exists()


def test_limits_hold_for_a_browser_that_forges_its_address_and_drops_its_cookie(
    limit: Limit, in_service: None, client: Browser
) -> None:
    limit(prompts={"prefix": "3/minute"})
    said = []
    for n in range(6):
        client.cookies.clear()
        forged = {"x-forwarded-for": f"203.0.{n}.1", "x-real-ip": f"203.0.{n}.1"}
        said.append(client.post("/battles/", {"prompt": "Hi"}, headers=forged).status_code)
    assert said == [302, 302, 302, 429, 429, 429]
    assert Voter.objects.count() == 3  # a flood makes no voters


def test_fourth_open_battle_is_refused_until_one_is_skipped(
    limit: Limit, in_service: None, browser: Browser, voter: Voter
) -> None:
    limit(open={"voter": 3})
    begun = [turns.begin(voter, f"Question {n}") for n in range(3)]
    response = browser.post("/battles/", {"prompt": "A fourth"})
    page = response.content.decode()
    assert response.status_code == 429
    assert "You have 3 battles without a vote" in page
    assert re.search(r"to begin another at once\. Otherwise you can go on in 60 minutes\.", page)
    assert "A fourth</textarea>" in page
    assert all(f"/battles/{each.public_id}/" in page for each in begun)
    browser.post(f"/battles/{begun[0].public_id}/skip/")
    assert browser.post("/battles/", {"prompt": "A fourth"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_ten_battles_at_the_same_moment_three_begin(
    limit: Limit, in_service: None, browser: Browser, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(open={"voter": 3})
    together, check = Barrier(10), gates.begin

    def check_together(*given: Any) -> None:
        check(*given)
        together.wait(60)

    monkeypatch.setattr(gates, "begin", check_together)

    def begin(_: int) -> int:
        own = Browser()
        own.cookies = browser.cookies
        try:
            return own.post("/battles/", {"prompt": "Hi"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as tabs:
        assert Counter(tabs.map(begin, range(10))) == {302: 3, 429: 7}
    assert Battle.objects.count() == 3


def test_battle_that_was_left_counts_for_an_hour(
    limit: Limit, in_service: None, voter: Voter
) -> None:
    limit(open={"voter": 1})
    battle = turns.begin(voter, "Hi")
    client = Client(voter_key(voter.pk), "")
    Battle.objects.update(created=timezone.now() - timedelta(minutes=40))
    with pytest.raises(Refused) as refusal:
        open_battles.check(client, voter)
    assert 1150 <= (refusal.value.retry_s or 0) <= 1200
    Battle.objects.filter(pk=battle.pk).update(created=timezone.now() - timedelta(minutes=61))
    open_battles.check(client, voter)


def test_open_battles_of_one_network_are_limited_whoever_began_them(
    limit: Limit, in_service: None
) -> None:
    limit(open={"prefix": 2})
    for _ in range(2):
        open_battles.note(Client("", "net"), turns.begin(Voter.objects.create(), "Hi"))
    with pytest.raises(Refused, match="from your network"):
        open_battles.check(Client("", "net"), None)
    open_battles.check(Client("", "elsewhere"), None)
    Battle.objects.update(state=Battle.State.VOID)
    open_battles.check(Client("", "net"), None)


def test_skipping_costs_as_much_as_two_battles_more(
    limit: Limit, battle: Battle, browser: Browser
) -> None:
    limit(battles={"voter": "4/hour"})
    client = Client(voter_key(battle.voter_id), "")
    gates.begun(client, battle)
    browser.post(f"/battles/{battle.public_id}/skip/")
    browser.post(f"/battles/{battle.public_id}/skip/")  # again is no other skip
    gates.begin_prepared(client, {})
    gates.begun(client, battle)
    with pytest.raises(Refused):
        gates.begin_prepared(client, {})


def test_votes_go_on_while_the_broker_is_away(
    limit: Limit, battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_all(battle)
    limit(votes={"voter": "1/hour", "prefix": "1/hour", "all": "1/hour"})
    gates.voted(Client(voter_key(battle.voter_id), ""), battle)
    client = Client(voter_key(battle.voter_id), "net")
    with pytest.raises(Refused):
        gates.vote(client, battle)
    with monkeypatch.context() as patch:
        patch.setattr(broker, "connection", cache(lambda: connect("redis://127.0.0.1:1/0")))
        gates.vote(client, battle)
        gates.voted(client, battle)


def test_what_is_kept_in_the_broker_expires_and_names_nobody(
    limit: Limit, in_service: None, client: Browser, settings: Settings
) -> None:
    settings.LIMITS, settings.OPEN_BATTLES = DEFAULTS, {"voter": 3, "prefix": 150, "all": 0}
    client.post("/battles/", {"prompt": "Hi"}, REMOTE_ADDR="203.0.113.77")
    keys = [key.decode() for key in broker.connection().scan_iter("limits*")]
    assert len(keys) > 4
    assert not any("203.0.113" in key for key in keys)
    assert all(0 < broker.connection().ttl(key) <= 24 * 3600 for key in keys)


DEFAULTS = {
    what: dict.fromkeys(("voter", "prefix", "all"), "20/minute; 300/hour") for what in LIMITS
}


def test_every_sentence_can_be_said(limit: Limit) -> None:
    limit(
        **{
            what: {scope: rate}
            for what in ("prompts", "battles", "votes")
            for scope, rate in {"all": "1/day"}.items()
        }
    )
    for what in (What.PROMPTS, What.BATTLES, What.VOTES):
        meter.count(what, Client("v", "p"))
        with pytest.raises(Refused, match=r"1 per day. You can go on in 24 hours\."):
            meter.check(what, Client("v", "p"))
