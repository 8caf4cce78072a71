from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from inference.contract import presence
from inference.contract.limits import PRESENCE
from inference.contract.presence import Heartbeat, Pulse
from tests.bending import bend


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def test_weights_are_in_service_while_a_worker_lives(connection: redis.Redis) -> None:
    beat = Heartbeat("here", ("small", "large"), slots=4, load={"small": 1}, queued={"large": 2})
    presence.publish(connection, beat)
    assert beat in presence.live_workers(connection)
    presence.withdraw(connection, beat)
    assert beat not in presence.live_workers(connection)


def test_heartbeat_of_a_dead_worker_goes_out(connection: redis.Redis) -> None:
    presence.publish(connection, Heartbeat("gone", ("x",), slots=1))
    assert 0 < connection.ttl("worker:gone") <= PRESENCE.kept_s
    connection.delete("worker:gone")  # as if that time had passed
    assert "gone" not in [beat.worker for beat in presence.live_workers(connection)]
    assert not connection.sismember("workers", "gone")


def test_worker_that_is_gone_is_remembered_with_what_it_served(connection: redis.Redis) -> None:
    names = "remembered", "remembered-later"
    for name in names:
        presence.publish(connection, Heartbeat(name, ("rare", name), slots=1))
        connection.delete(f"worker:{name}")
    connection.expire("seen:remembered", PRESENCE.seen_s - 90)  # as if that time had passed
    seen = presence.last_seen(connection)
    assert seen["rare"].worker == "remembered-later"
    assert seen["remembered"].ago_s >= 90
    connection.delete(*(f"seen:{name}" for name in names))  # as if a day had passed
    assert "rare" not in presence.last_seen(connection)
    assert not connection.sismember("workers-seen", "remembered")


def test_pulse_beats_until_stopped(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bend(monkeypatch, PRESENCE, beat_s=0.01)
    count = iter(range(1000))
    pulse = Pulse(connection, lambda: Heartbeat("pulse", (), slots=next(count)))
    pulse.start()
    while not any(w.worker == "pulse" and w.slots > 2 for w in presence.live_workers(connection)):
        assert pulse.is_alive()
    pulse.stop()
    assert not any(w.worker == "pulse" for w in presence.live_workers(connection))


def test_pulse_outlives_an_absent_broker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bend(monkeypatch, PRESENCE, beat_s=0.01)
    with redis.Redis(port=1, retry=Retry(NoBackoff(), 0), socket_connect_timeout=0.1) as nowhere:
        pulse = Pulse(nowhere, lambda: Heartbeat("lonely", (), slots=1))
        pulse.start()
        while "The queue (Valkey) is away" not in caplog.text:
            assert pulse.is_alive()
        assert pulse.is_alive()
        pulse.stop()


NONSENSE = (
    "", "[]", "null", "{", "{}", "\xff", '{"worker": "odd"}',
    '{"worker": "odd", "slots": "many", "serves": []}',
    '{"worker": "odd", "slots": NaN, "serves": []}',
    '{"worker": "odd", "slots": 1, "serves": "everything"}',
    '{"worker": "odd", "slots": 1, "serves": [{}]}',
    '{"worker": "odd", "slots": 1, "serves": [], "load": {"small": "none"}}',
    '{"worker": "odd", "slots": 1, "serves": [], "key_hosts": {"A_API_KEY": [1]}}',
)  # fmt: skip


@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_of_one_host_hides_no_other_worker(
    connection: redis.Redis, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    presence._named.clear()
    good = Heartbeat("good", ("finest",), slots=4)
    presence.publish(connection, good)
    for key in ("worker:odd", "seen:odd"):
        connection.set(key, said.encode("latin-1"), ex=60)
    connection.sadd("workers", "odd", b"\xff")
    connection.sadd("workers-seen", "odd", b"\xff")
    try:
        for _ in range(3):
            assert good in presence.live_workers(connection)
            assert presence.last_seen(connection)["finest"].worker == "good"
        assert "odd" not in [beat.worker for beat in presence.live_workers(connection)]
        assert caplog.text.count("the heartbeat of odd is ignored") <= 2  # once for each reason
        assert "the heartbeat of odd is ignored" in caplog.text
    finally:
        presence.withdraw(connection, good)
        connection.delete("worker:odd", "seen:odd", "seen:good")
        connection.srem("workers-seen", "odd", "good")
