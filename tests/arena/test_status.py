from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena import battles
from arena.models import Voter

pytestmark = pytest.mark.django_db


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
