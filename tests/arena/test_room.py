"""A full disk: the arena can be read, says so where something would be stored, and comes back."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Callable

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from arena import room
from arena.models import Battle, Vote

from .conftest import answer_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_service")]
PROMPT = "A prompt that took an hour to write."
SENTENCE = "The disk of the arena is full, so it can only be read at the moment."
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The disk is full until this is called."""
    left = [room.RESERVE_BYTES - 1]
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**10, 10**10, left[0]))
    return lambda: left.append(left.pop() + 1)


def test_prompt_is_kept_until_there_is_room(client: Client, full: Callable[[], None]) -> None:
    assert client.get("/").status_code == 200
    response = client.post("/battles/", {"prompt": PROMPT})
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert SENTENCE in page
    assert f"{PROMPT}</textarea>" in page
    assert not Battle.objects.exists()
    full()
    assert client.post("/battles/", {"prompt": PROMPT}).status_code == 302


def test_battle_waits_for_its_vote(client: Client, request: pytest.FixtureRequest) -> None:
    client.post("/battles/", {"prompt": PROMPT})
    battle = Battle.objects.get()
    answer_all(battle)
    address = f"/battles/{battle.public_id}/"
    make_room = request.getfixturevalue("full")
    response = client.post(f"{address}vote/", {"verdict": "A"})
    assert (response.status_code, SENTENCE in response.content.decode()) == (503, True)
    assert client.get(address).status_code == 200
    assert not Vote.objects.exists()
    make_room()
    assert client.post(f"{address}vote/", {"verdict": "A"}).status_code == 302


def test_admin_can_be_read_but_changes_nothing(
    admin_client: Client, full: Callable[[], None]
) -> None:
    assert admin_client.get("/admin/auth/user/").status_code == 200
    response = admin_client.post("/admin/auth/user/add/", {"username": "somebody"})
    assert (response.status_code, SENTENCE in response.content.decode()) == (503, True)
    assert not User.objects.filter(username="somebody").exists()


def test_database_without_room_is_a_sentence_not_an_error(client: Client) -> None:
    def fail(execute: Callable[..., object], sql: str, *args: object) -> object:
        if sql.startswith("INSERT"):
            raise OperationalError from psycopg.errors.DiskFull("could not extend file")
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        response = client.post("/battles/", {"prompt": PROMPT})
    assert (response.status_code, SENTENCE in response.content.decode()) == (503, True)
    assert client.post("/battles/", {"prompt": PROMPT}).status_code == 302
