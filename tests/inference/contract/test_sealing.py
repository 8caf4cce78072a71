"""Keys on their way to workers: nobody without the secret can read, forge or bring them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from inference.contract import keys, sealing
from inference.contract.keys import Key
from inference.contract.limits import KEYS
from inference.worker.keyring import Keyring
from tests.bending import bend

SECRET, OTHER = "s" * 32, "o" * 32
ACME = {"ACME_API_KEY": Key("sk-distinctive-0123456789", ("api.acme.example",))}


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(sealing.PACKET)
        yield client
        client.delete(sealing.PACKET)
    keys.take({})


def test_packet_shows_neither_keys_nor_hosts(connection: redis.Redis) -> None:
    sealing.send(connection, SECRET, ACME)
    packet = connection.get(sealing.PACKET)
    assert isinstance(packet, bytes)
    assert not any(word in packet for word in (b"sk-", b"ACME", b"acme"))
    assert 0 < connection.ttl(sealing.PACKET) <= KEYS.kept_s
    received = sealing.received(connection, SECRET)
    assert received is not None
    assert received.keys == ACME


def test_keys_are_taken_replaced_and_taken_back(connection: redis.Redis) -> None:
    ring = Keyring(connection, SECRET)
    ring.look()
    assert (keys.sent(), ring.complaint) == ([], "")
    sealing.send(connection, SECRET, ACME)
    ring.look()
    assert (keys.sent(), keys.hosts_of("ACME_API_KEY")) == (["ACME_API_KEY"], ("api.acme.example",))
    sealing.send(connection, SECRET, {"OWN_API_KEY": Key("sk-another", ("own.example",))})
    ring.look()
    assert keys.sent() == ["OWN_API_KEY"]
    sealing.send(connection, SECRET, {})
    ring.look()
    assert keys.sent() == []


def test_forged_packet_is_not_opened_and_it_is_said(
    connection: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    ring = Keyring(connection, SECRET)
    sealing.send(connection, SECRET, ACME)
    ring.look()
    evil = {"ACME_API_KEY": Key("sk-evil-0123456789", ("evil.example",))}
    sealing.send(connection, OTHER, evil)
    for _ in range(2):
        ring.look()
    assert keys.hosts_of("ACME_API_KEY") == ("api.acme.example",)
    assert ring.complaint == sealing.OTHER_SECRET
    assert caplog.text.count("another WORKER_SECRET") == 1
    connection.set(sealing.PACKET, b"nonsense")
    ring.look()
    assert ring.complaint == sealing.OTHER_SECRET


def test_old_packet_does_not_come_back(connection: redis.Redis) -> None:
    ring = Keyring(connection, SECRET)
    sealing.send(connection, SECRET, ACME)
    old = connection.get(sealing.PACKET)
    ring.look()
    sealing.send(connection, SECRET, {})
    ring.look()
    assert isinstance(old, bytes)
    connection.set(sealing.PACKET, old)
    ring.look()
    assert keys.sent() == []


def test_packet_older_than_its_life_is_not_taken(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing.send(connection, SECRET, ACME)
    later = sealing.now(connection) + KEYS.kept_s
    monkeypatch.setattr(sealing, "now", lambda _: later)
    Keyring(connection, SECRET).look()
    assert keys.sent() == []


def test_keys_are_forgotten_when_none_are_sent_for_long(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Keyring(connection, SECRET)
    sealing.send(connection, SECRET, ACME)
    ring.look()
    connection.delete(sealing.PACKET)
    ring.look()
    assert keys.sent() == ["ACME_API_KEY"]
    bend(monkeypatch, KEYS, sent_s=1e-7, kept_s=1e-5)
    ring.look()
    assert keys.sent() == []


def test_worker_without_the_secret_says_so(connection: redis.Redis) -> None:
    sealing.send(connection, SECRET, ACME)
    ring = Keyring(connection, "")
    ring.look()
    assert (ring.complaint, keys.sent()) == (sealing.NO_SECRET, [])


def test_keys_stay_while_the_broker_is_away(
    connection: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Keyring(connection, SECRET)
    sealing.send(connection, SECRET, ACME)
    ring.look()

    def away(_: str) -> bytes:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(connection, "get", away)
    ring.look()
    assert keys.sent() == ["ACME_API_KEY"]
