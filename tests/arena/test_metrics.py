"""What /metrics says, and to whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from arena import broker, counters, processes
from arena.battles import stopping, turns
from arena.battles.answering import life
from arena.generating.settling import SILENT, fail, settle
from arena.models import Answer, Battle, Contestant, Side, Voter
from arena.pages import health, status
from arena.votes import casting
from config.metrics import page, process
from config.web_life import METRICS, with_probes
from inference.contract import spending
from inference.contract.broker import connect
from inference.contract.endings import FinishReason
from inference.contract.presence import publish
from ratings.models import Board
from ratings.refreshing import ages, drafts
from tests import factories

from .conftest import BEAT, result
from .streams import Script

TOKEN = "the-token-of-whoever-watches-it-1"
Found = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Monitoring is on, and nothing was counted yet."""
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    monkeypatch.setattr(page, "_kept", page._Kept())
    broker.connection().delete("counters")
    counters._sums.clear()
    yield
    counters._sums.clear()


def asked(token: str | None) -> tuple[int, str]:
    sent: list[dict[str, Any]] = []

    async def none(*_: Any) -> None:
        raise AssertionError("passed on to the pages")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "path": METRICS, "headers": headers}
    asyncio.run(with_probes(none)(scope, none, send))  # type: ignore[arg-type]
    return sent[0]["status"], sent[1]["body"].decode()


def collected() -> Found:
    """Every sample of now, by its name and the values of its labels, sorted by their names."""
    counters.flush(broker.connection())
    text, found = page.collected().decode(), Found()
    families: Any = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    failed = {part: value for part, value in found["evenhand_scrape_failed"].items() if value}
    assert not failed
    return found


def test_without_a_token_there_are_no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", "")
    for token in (None, "", TOKEN):
        assert asked(token) == (404, "METRICS_TOKEN is not set.\n")
    counters.add("votes", campaign="live")
    assert not counters._sums


@pytest.mark.usefixtures("watched")
def test_nobody_reads_metrics_without_the_token() -> None:
    for token in (None, "", TOKEN[:-1], f"{TOKEN}x", "ü"):
        code, said = asked(token)
        assert (code, "evenhand" in said) == (401, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("watched", "in_service")
def test_whoever_has_the_token_reads_metrics() -> None:
    code, said = asked(TOKEN)
    assert code == 200
    assert 'evenhand_service_slots{service="quetzalbird-weights"}' in said
    assert said.endswith("# EOF\n")


@pytest.mark.django_db
@pytest.mark.usefixtures("watched", "in_service")
def test_each_battle_vote_answer_and_failure_is_counted_once(
    voter: Voter, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        battle = turns.begin(voter, "Hi")
        one, other = battle.turns.get().answers.select_related("revision").order_by("side")
        stale = result(one)
        fail(life, one, SILENT)
        settle(life, one.pk, stale)
        one.refresh_from_db()
        timed: dict[str, Any] = {"queued_s": 0.3, "first_token_s": 4.0, "tokens_per_second": 30.0}
        for answer in (one, other):
            settle(life, answer.pk, result(answer, **timed))
            settle(life, answer.pk, result(answer, **timed))  # delivered twice
        casting.cast(battle, voter, "A")
        casting.cast(battle, voter, "A")  # sent twice
    found, campaign = collected(), battle.campaign.slug
    services = {one.revision.service, other.revision.service}
    assert found["evenhand_battles_total"] == {(campaign,): 1}
    assert found["evenhand_votes_total"] == {(campaign,): 1}
    assert found["evenhand_attempts_failed_total"] == {("worker", one.revision.service): 1}
    assert found["evenhand_answers_total"] == {("stop", each): 1 for each in services}
    assert found["evenhand_tokens_total"] == {(each,): 3 for each in services}
    first = found["evenhand_answer_first_token_seconds_bucket"]
    for each in services:
        assert [first[bound, each] for bound in ("2.0", "5.0", "10.0", "+Inf")] == [0, 1, 1, 1]
        assert found["evenhand_answer_first_token_seconds_sum"][each,] == 4.0
        assert found["evenhand_answer_queued_seconds_bucket"]["0.5", each] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_an_answer_that_its_voter_stopped_is_timed_when_its_figures_arrive(
    battle: Battle, script: Script, django_capture_on_commit_callbacks: Any
) -> None:
    answers = [*battle.turns.get().answers.select_related("revision")]
    script.say(Side.A, "One two three four five six", ago=5)
    script.say(Side.B, "Five six seven eight nine ten", ago=5)
    with django_capture_on_commit_callbacks(execute=True):
        stopping.stop(battle, why=FinishReason.CANCELLED)
    found = collected()
    assert found["evenhand_answers_total"] == {
        ("cancelled", each.revision.service): 1 for each in answers
    }
    assert "evenhand_answer_first_token_seconds_bucket" not in found
    for each in answers:
        settle(life, each.pk, result(each, finish_reason="cancelled"))
        settle(life, each.pk, result(each, finish_reason="cancelled"))
    timed = collected()["evenhand_answer_first_token_seconds_count"]
    assert timed == {(each.revision.service,): 1 for each in answers}


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_counts_of_all_processes_are_added_and_wait_while_the_broker_is_away() -> None:
    counters.add("votes", campaign="one")
    nowhere = connect("redis://127.0.0.1:1")
    with pytest.raises(redis.RedisError):
        counters.flush(nowhere)
    counters.add("votes", campaign="one")
    counters.flush(broker.connection())
    counters.add("votes", campaign="one")  # another process, or another release
    broker.connection().hincrbyfloat("counters", '["of-a-later-release", [], ""]', 5)
    assert collected()["evenhand_votes_total"] == {("one",): 3}


@pytest.mark.django_db
@pytest.mark.usefixtures("watched", "in_service", "all_running")
def test_figures_are_those_of_the_status_page(voter: Voter) -> None:
    """Of four answers the worker writes one, the older of two by the same model."""
    battle = turns.begin(voter, "Hi")
    answer = battle.turns.get().answers.select_related("revision").earliest("pk")
    service = answer.revision.service
    Answer.objects.update(dispatched=Now() - timedelta(minutes=1))
    turns.begin(Voter.objects.create(), "Ho")
    publish(broker.connection(), replace(BEAT, load={service: 1}))
    now = status.look(health.look())
    found, shown = collected(), {each.name: each for each in now.services}
    for name in ("slots", "free", "running", "waiting"):
        told = {service: value for (service,), value in found[f"evenhand_service_{name}"].items()}
        assert told == {each.name: getattr(each, name) for each in shown.values()}
    assert found["evenhand_service_running"][service,] == 1
    assert sum(found["evenhand_service_waiting"].values()) == 3
    waits = found["evenhand_service_waiting_seconds"]
    assert max(waits.values()) == pytest.approx(60, abs=30)
    assert waits.get((service,), 0.0) < 30  # its oldest has begun
    assert found["evenhand_battles_last_hour"] == {(): 2}
    assert found["evenhand_processes"]["core",] == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("watched", "all_running")
def test_a_process_tells_its_memory_its_time_and_its_sockets() -> None:
    process.tell(broker.connection(), sockets=7)
    told = collected()
    who = ("web", processes.name())
    assert told["evenhand_process_sockets"][who] == 7
    assert told["evenhand_process_cpu_seconds_total"][who] > 0
    assert told["evenhand_process_memory_bytes"][who] > 1e7
    assert told["evenhand_process_pool_size"][who] >= 1
    assert told["evenhand_process_pool_used"][who] >= 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("watched")
def test_a_board_is_behind_from_its_vote_to_its_snapshot(
    battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = battle.campaign
    for _ in range(3):
        factories.vote(factories.battle(campaign, battle.contestant_a, battle.contestant_b), "A")
    monkeypatch.setattr(drafts.looks, "_next", 0.0)
    drafts.refresh_all()
    first = collected()
    key = ("overall", campaign.slug)
    assert first["evenhand_board_behind_seconds"][key] < 5
    assert first["evenhand_board_refresh_seconds_count"][key] == 1
    assert first["evenhand_board_snapshot_seconds"][key] < 60
    board = Board.objects.get(campaign=campaign, slug="overall")
    ages.note([board])
    broker.connection().hset("boards:behind", str(board.pk), broker.now() - 100)
    ages.note([board])
    assert collected()["evenhand_board_behind_seconds"][key] == pytest.approx(100, abs=30)
    drafts.refresh_all()
    assert collected()["evenhand_board_behind_seconds"][key] == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_spending_is_that_of_the_control_room(contestants: list[Contestant]) -> None:
    one = contestants[0]
    revision = factories.revision(
        one, backend="openai", weights="", remote_model="paid-1",
        key_variable="OPENAI_API_KEY", daily_usd=3, number=2,
    )  # fmt: skip
    endpoint = revision.endpoint
    assert endpoint is not None
    spending.add(broker.connection(), endpoint, 1000, 500)
    found = collected()
    assert found["evenhand_spent_tokens"][one.slug,] == 1500
    assert found["evenhand_cap_usd"] == {(one.slug,): 3}


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_without_a_broker_the_other_figures_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "connection", lambda: connect("redis://127.0.0.1:1"))
    said = page.collected().decode()
    assert 'evenhand_scrape_failed{part="totals"} 1.0' in said
    assert 'evenhand_scrape_failed{part="waiting"} 0.0' in said
    assert "evenhand_disk_free_bytes" in said


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_pages_are_timed_by_what_they_are(browser: Client, battle: Battle) -> None:
    browser.get("/about/")
    browser.post(f"/battles/{battle.public_id}/vote/", {"verdict": "A"})
    browser.get(f"/battles/{battle.public_id}/")
    counts = collected()["evenhand_request_seconds_count"]
    assert counts == {("2xx", "other"): 1, ("4xx", "vote"): 1, ("2xx", "battle"): 1}


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_errors_are_counted_but_no_outages() -> None:
    logger = logging.Logger("arena.some")  # with the handlers of the settings, in their order
    root: Any = settings.LOGGING["root"]
    for name in root["handlers"]:
        logger.addHandler(logging._handlers[name])  # type: ignore[attr-defined]
    logger.error("a fault of ours")
    logger.warning("only a warning")
    for error in (redis.ConnectionError("refused"), redis.ConnectionError("refused")):
        logger.error("it is away", exc_info=error)
    assert collected()["evenhand_log_errors_total"] == {("arena",): 1}


@pytest.mark.django_db
@pytest.mark.usefixtures("watched", "in_service", "all_running")
def test_a_scrape_asks_as_little_whatever_there_is(
    voter: Voter, django_assert_max_num_queries: Any
) -> None:
    collected()
    for _ in range(3):
        turns.begin(Voter.objects.create(), "Hi")
    with django_assert_max_num_queries(40) as seen:
        collected()
    few = len(seen)
    for _ in range(10):
        turns.begin(Voter.objects.create(), "Hi")
    with django_assert_max_num_queries(few):
        collected()
