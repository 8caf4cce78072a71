from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena import battles, broker
from arena.models import Voter
from inference.presence import Heartbeat, publish, withdraw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_running")]


def test_status_without_a_worker_says_so(client: Client) -> None:
    page = client.get("/status/").content.decode()
    assert "No model worker is running: nobody can answer." in page


@pytest.mark.usefixtures("in_service")
def test_status_for_everybody_names_no_model(client: Client, voter: Voter) -> None:
    battles.begin(voter, "Hi")
    page = client.get("/status/").content.decode()
    assert "Everything is running." in page
    assert "<dt>Answers waiting</dt><dd>2</dd>" in page
    assert "-weights" not in page


@pytest.mark.usefixtures("in_service")
def test_status_for_staff_names_every_queue(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/status/").content.decode()
    assert "quetzalbird-weights" in page
    assert "test-worker" in page


@pytest.fixture
def busy_worker() -> Iterator[None]:
    """Makes eight answers with one model while two wait, and has another model at rest."""
    weights = ("quetzalbird-weights", "zugzwang-weights")
    load, queued = {weights[0]: 8}, {weights[0]: 2}
    beat = Heartbeat("busy-worker", weights, slots=8, load=load, queued=queued)
    publish(broker.connection(), beat)
    yield
    withdraw(broker.connection(), beat)


@pytest.mark.usefixtures("busy_worker")
def test_status_tells_what_is_written_from_what_waits(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/status/").content.decode()
    assert "<dt>Answers being written</dt><dd>8</dd>" in page
    assert "quetzalbird-weights</th><td>0 of 8</td><td>8</td><td>0</td>" in page
    assert "zugzwang-weights</th><td>8 of 8</td><td>0</td><td>0</td>" in page
    assert "busy-worker</th><td>8</td><td>8</td><td>2</td>" in page  # free, writing, waiting
