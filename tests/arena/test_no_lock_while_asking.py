"""The broker is never called while a battle's row is locked: a slow broker would block everybody
who writes to the battle, and hold a database connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from threading import Event
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from arena import broker
from arena.battles import skipping, stopping, turns, voiding
from arena.battles.answering import life
from arena.generating import watchdog
from arena.generating.settling import settle
from arena.limits import WATCHDOG
from arena.models import Answer, Battle, Contestant, Side, Voter
from arena.showing import replay
from arena.showing.turn import LiveTurn
from arena.tasks import record_answer
from arena.votes import casting
from inference.contract.broker import connect
from inference.contract.limits import PRESENCE
from inference.contract.presence import publish, withdraw
from inference.contract.streams import Kind, StreamWriter
from tests.absent import OwnValkey, own_valkey
from tests.bending import bend

from .conftest import BEAT, answer_all, result
from .streams import Script

pytestmark = pytest.mark.django_db(transaction=True)


class Watched(redis.Redis):
    """Records broker commands sent within a transaction."""

    asked: list[str] = []

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if connection.in_atomic_block:
            self.asked.append(str(args[0]))
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, *args: Any, **options: Any) -> Any:
        if connection.in_atomic_block:
            self.asked.append("a pipeline")
        return super().pipeline(*args, **options)


@pytest.fixture
def asked(contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr("arena.generating.dispatch.send", lambda *_: None)
    bend(monkeypatch, PRESENCE, kept_s=600)
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    publish(broker.connection(), BEAT)
    Watched.asked = []
    monkeypatch.setattr(broker, "connection", cache(lambda: Watched.from_url(settings.REDIS_URL)))
    yield Watched.asked
    withdraw(broker.connection(), BEAT)


@pytest.fixture
def battle(asked: list[str], voter: Voter) -> Battle:
    return turns.begin(voter, "Hi")


def fail(battle: Battle, **how: object) -> None:
    for answer in Answer.objects.filter(turn__battle=battle):
        failed = result(answer, "", finish_reason="error", error="it broke", **how)
        settle(life, answer.pk, failed)


def stop(battle: Battle) -> None:
    begin_to_answer(battle)
    stopping.stop(battle, "2.2")


def follow_up_and_vote(battle: Battle) -> None:
    answer_all(battle)
    turns.continue_(battle, "And?")
    answer_all(battle)
    casting.cast(battle, battle.voter, "A")


def begin_to_answer(battle: Battle) -> None:
    script = Script(battle)
    for side in Side:
        script.say(side, "Slow but sure", ago=20)


def vote_early(battle: Battle) -> None:
    begin_to_answer(battle)
    assert casting.cast(battle, battle.voter, "A", casting.Seen.parse("1", "2.2")).early


def skip_early(battle: Battle) -> None:
    begin_to_answer(battle)
    skipping.skip(battle, "2.2")


def fall_silent(battle: Battle) -> None:
    for answer in Answer.objects.filter(turn__battle=battle):
        broker.connection().delete(f"answer:{answer.stream}:queued")
    assert watchdog.watch(life) == 2


@pytest.mark.parametrize(
    "deed",
    [
        stop,
        follow_up_and_vote,
        vote_early,
        skip_early,
        fall_silent,
        fail,
        lambda battle: fail(battle, permanent=True),
        lambda battle: voiding.void(battle, "enough"),
    ],
)
def test_broker_is_not_asked_while_a_battle_is_locked(
    battle: Battle, asked: list[str], deed: Callable[[Battle], None]
) -> None:
    deed(battle)
    assert asked == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    with own_valkey(tmp_path_factory.mktemp("valkey")) as running:
        yield running


@pytest.fixture
def valkey(
    server: OwnValkey, contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch
) -> Iterator[OwnValkey]:
    """The arena's broker, which a test may take away."""
    server.empty()
    monkeypatch.setattr("arena.generating.dispatch.send", lambda *_: None)
    bend(monkeypatch, PRESENCE, kept_s=600)
    monkeypatch.setattr(broker, "connection", cache(lambda: connect(server.url)))
    publish(broker.connection(), BEAT)
    yield server
    server.come_back()


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set when a retry is about to start."""
    trying = Event()
    monkeypatch.setattr(broker.logger, "warning", lambda *_: trying.set())
    return trying


def broken(answer: Answer) -> dict[str, Any]:
    how: dict[str, Any] = {"finish_reason": "error", "error": "it broke", "permanent": True}
    return result(answer, "", **how).to_dict()


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[Future[object]]:
    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(run)


@pytest.mark.parametrize("way", ["killed", "frozen"])
def test_swap_waits_with_nothing_locked_until_the_broker_is_back(
    valkey: OwnValkey, voter: Voter, tries: Event, way: str
) -> None:
    battle = turns.begin(voter, "Hi")
    answer = Answer.objects.get(turn__battle=battle, side=Side.A)
    go, come_back = valkey.absences()[way]
    go()
    with meanwhile(partial(record_answer, broken(answer), answer.pk)) as recorded:
        try:
            assert tries.wait(20)
            with transaction.atomic():
                Battle.objects.select_for_update(nowait=True).get(pk=battle.pk)
            assert not recorded.done()
        finally:
            come_back()
            publish(broker.connection(), BEAT)
        recorded.result(timeout=30)
    answer.refresh_from_db()
    assert (answer.state, answer.attempt, answer.swapped_at_attempt) == ("QUEUED", 2, 1)
    assert answer.revision.contestant not in (battle.contestant_a, battle.contestant_b)


def test_result_is_left_to_the_watchdog_when_the_broker_stays_away(
    valkey: OwnValkey, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    battle = turns.begin(voter, "Hi")
    answer = Answer.objects.get(turn__battle=battle, side=Side.A)
    StreamWriter(broker.connection(), str(answer.stream), 1).write(Kind.END, "error")
    monkeypatch.setattr(broker, "OUTLASTED_S", 0.0)
    valkey.freeze()
    with pytest.raises(redis.RedisError):
        record_answer(broken(answer), answer.pk)
    valkey.thaw()
    bend(monkeypatch, WATCHDOG, grace_s=0.0)
    bend(monkeypatch, WATCHDOG, result_s=-1.0)
    watchdog.watch(life)
    answer.refresh_from_db()
    assert (answer.state, answer.attempt) == ("QUEUED", 2)


def test_stop_holds_no_lock_while_the_broker_is_frozen(valkey: OwnValkey, voter: Voter) -> None:
    battle = turns.begin(voter, "Hi")
    valkey.freeze()
    try:
        with meanwhile(partial(stopping.stop, battle)) as stopped:
            while not stopped.done():
                with transaction.atomic():
                    Battle.objects.select_for_update(nowait=True).get(pk=battle.pk)
            with pytest.raises(redis.RedisError):
                stopped.result()
    finally:
        valkey.thaw()
    stopping.stop(battle)
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID


def test_stop_looks_again_when_an_answer_is_written_down_meanwhile(
    asked: list[str], battle: Battle, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, really = Script(battle), replay.replay
    for side in Side:
        script.say(side, "Slow but sure wins", ago=20)
    late = [script.answers[Side.A]]

    def replay_then_record(*given: Any) -> LiveTurn:
        live = really(*given)
        while late:
            answer = late.pop()
            settle(life, answer.pk, result(answer, "Slow but sure wins", total_s=7.0))
        return live

    monkeypatch.setattr(replay, "replay", replay_then_record)
    stopping.stop(battle, "2.2")
    texts = Answer.objects.order_by("side").values_list("text", "finish_reason", "total_s")
    assert list(texts) == [("Slow but", "cancelled", 7.0), ("Slow but", "cancelled", None)]
