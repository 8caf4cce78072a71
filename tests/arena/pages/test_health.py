"""Health and status with processes that are down, silent or behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest
from django.test import Client

from arena import broker, processes
from arena.pages import health
from config.embedded.valkey import _binary
from inference.contract.broker import connect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_running")]
KEYS = {"ok", "problems", "notes", "last_heard_of_s", "delay_s"}


def heard_before(kind: str, seconds: float) -> None:
    """Set the age of the heartbeat of the only process of its kind."""
    connection = broker.connection()
    connection.delete(f"processes:{kind}")
    connection.zadd(f"processes:{kind}", {"a-secret-host-7": time.time() - seconds})


def came_through(queue: str, seconds: float) -> None:
    """Set the age of the newest pulse through the queue."""
    connection = broker.connection()
    connection.delete("pulses")
    for each in processes.QUEUES:
        ago = seconds if each == queue else 0
        processes.note_pulse(connection, each, processes.broker_time(connection) - ago)


def test_all_is_well_while_all_beat(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    found = response.json()
    assert set(found) == KEYS
    assert (found["ok"], found["problems"], found["notes"]) == (True, [], [])
    assert set(found["last_heard_of_s"]) == {"web", "core", "clock", "background"}
    assert all(age < 5 for age in found["last_heard_of_s"].values())
    assert set(found["delay_s"]) == {"core", "background"}


@pytest.mark.parametrize("kind", ["core", "clock", "background"])
@pytest.mark.usefixtures("in_service")
def test_process_that_fell_silent_is_a_problem(kind: str, client: Client) -> None:
    heard_before(kind, 40)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["problems"] == [health.ABSENT[kind]]
    assert response.json()["last_heard_of_s"][kind] == pytest.approx(40, abs=3)
    assert "secret-host" not in response.content.decode()
    page = client.get("/status/").content.decode()
    assert health.ABSENT[kind] in page
    assert "Everything is running." not in page


def test_process_that_never_was_is_a_problem(client: Client) -> None:
    broker.connection().delete("processes:background")
    response = client.get("/healthz")
    assert (response.status_code, response.json()["last_heard_of_s"]["background"]) == (503, None)
    assert response.json()["problems"] == [health.ABSENT["background"]]


def test_one_of_two_that_died_is_no_problem(client: Client) -> None:
    broker.connection().zadd("processes:core", {"another": time.time() - 60})
    assert client.get("/healthz").json()["ok"] is True


@pytest.mark.parametrize(("queue", "late"), [("core", 20), ("background", 80)])
@pytest.mark.usefixtures("in_service")
def test_queue_that_is_far_behind_is_a_problem(queue: str, late: int, client: Client) -> None:
    came_through(queue, late)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["delay_s"][queue] == pytest.approx(late, abs=2)
    [sentence] = response.json()["problems"]
    assert sentence in client.get("/status/").content.decode()


@pytest.mark.usefixtures("in_service")
def test_queue_that_is_a_little_behind_is_told(client: Client) -> None:
    came_through("core", 12)
    response = client.get("/healthz")
    assert (response.status_code, response.json()["problems"]) == (200, [])
    page = client.get("/status/").content.decode()
    assert re.search(r"Everything is running\. Answers are recorded with a delay of 1[234] s", page)


def test_broker_that_is_away_is_a_problem(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "connection", lambda: connect("redis://127.0.0.1:1"))
    response = client.get("/healthz")
    assert (response.status_code, response.json()["problems"]) == (503, [health.BROKER])


def test_broker_that_is_frozen_is_a_problem_within_seconds(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "frozen.sock"
    command = [str(_binary()), "--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while not socket.exists():
            time.sleep(0.02)
        server.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(broker, "connection", lambda: connect(f"unix://{socket}"))
        began = time.monotonic()
        response = client.get("/healthz")
        server.kill()
    assert (response.status_code, response.json()["problems"]) == (503, [health.BROKER])
    assert time.monotonic() - began < 10


def test_database_that_does_not_answer_is_a_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DATABASE_S", 0.05)
    asked, is_back = [], threading.Event()

    def ask() -> None:
        asked.append(1)
        is_back.wait()

    question = health.Question(ask)
    monkeypatch.setattr(health, "_question", question)
    try:
        for _ in range(5):  # monitoring polls repeatedly
            response = client.get("/healthz")
            assert (response.status_code, response.json()["problems"]) == (503, [health.DATABASE])
    finally:
        is_back.set()
    question.answer(10)  # what was asked has ended, or ends now
    assert len(asked) <= 2
    monkeypatch.setattr(health, "DATABASE_S", 10)
    assert client.get("/healthz").status_code == 200


def test_queue_that_nobody_knows_any_more_is_passed_over(client: Client) -> None:
    connection = broker.connection()
    processes.note_pulse(connection, "a-queue-of-an-older-version", time.time() - 600)
    assert client.get("/healthz").json()["problems"] == []


def test_disk_that_is_almost_full_is_a_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**9, 10**9, 12_000_000))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["problems"] == ["The disk is almost full: 12 MB are free."]


@pytest.mark.usefixtures("in_service")
def test_health_names_no_model_host_nor_secret(client: Client) -> None:
    said = json.dumps(client.get("/healthz").json())
    for word in ("weights", "Quetzal", str(os.getpid()), os.uname().nodename, "postgres", "unix:"):
        assert word not in said
