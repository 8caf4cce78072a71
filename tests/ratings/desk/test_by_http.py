"""Simulated voters at a site's own pages and forms: what `make bench-rigging` does at length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo
from pytest_django.live_server_helper import LiveServer

from arena.models import DeskPlace, Vote
from benchmarks.rigging import stage
from benchmarks.rigging.browsers import Browser, line_to
from benchmarks.rigging.honest import Honest
from benchmarks.rigging.strategies import Plan, Rigger
from benchmarks.rigging.world import Voter, World
from ratings.desk import watching

pytestmark = pytest.mark.django_db(transaction=True)
MODELS, TARGET, EPOCH = 6, 4, 1_700_000_000.0


@pytest.fixture
def staged(transactional_db: None, settings: Any) -> Iterator[None]:
    settings.DESK, settings.TRUSTED_PROXIES = "hold", 1
    DeskPlace.objects.create(vote=0)
    stage.prepare(MODELS)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER rigging_time ON arena_vote")
        cursor.execute("DROP FUNCTION rigging_time; DROP TABLE rigging_clock")


def played(voters: list[Voter], url: str) -> list[Browser]:
    params = connection.get_connection_params()
    database = make_conninfo(dbname=params["dbname"], user=params["user"], host=params["host"])
    with line_to(url, database) as line:
        browsers = [Browser(voter, line) for voter in voters]
        for browser in browsers:
            for at in browser.voter.times():
                browser.battle(float(at), EPOCH)
    return browsers


def test_riggers_at_the_forms_are_held_and_honest_voters_are_not(
    staged: None, live_server: LiveServer
) -> None:
    world = World.of(MODELS, seed=5)
    plan = Plan(up=frozenset({TARGET}), others=False, seconds=3.0, every=5.0)
    people: list[Voter] = [Honest(number, world, votes=2) for number in range(6)]
    browsers = played([*people, Rigger("robot", world, plan, 60)], live_server.url)
    said = {key: vote for browser in browsers for key, vote in browser.votes.items()}
    watching.watch(60.0)
    votes = {vote.battle.public_id: vote for vote in Vote.objects.select_related("battle")}
    assert votes.keys() == said.keys()
    for key, vote in votes.items():
        assert vote.created.timestamp() == pytest.approx(EPOCH + said[key].at, abs=0.01)
        assert vote.seconds == pytest.approx(said[key].seconds)
    assert len({vote.voter_id for vote in votes.values()}) == sum(bool(b.votes) for b in browsers)
    held = {key for key, vote in votes.items() if vote.standing == Vote.Standing.PENDING}
    assert held == {key for key, vote in said.items() if vote.is_by_rigger}
    assert held
