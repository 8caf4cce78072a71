"""Concurrent writes to the same battles, as by core threads and volunteers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from threading import Barrier

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from django.test import Client

from arena import broker, transactions
from arena.battles import stopping, turns, voiding
from arena.battles.answering import life
from arena.errors import Refused
from arena.generating.life import Fault
from arena.generating.settling import fail, settle
from arena.models import Answer, Battle, Contestant, Voter
from arena.transactions import is_away, retried
from arena.votes import casting
from inference.contract.limits import PRESENCE
from inference.contract.presence import publish, withdraw
from tests.bending import bend

from .conftest import BEAT, result

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER_S = 30


@pytest.fixture
def many(contestants: list[Contestant], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker with room for any number of battles."""
    roomy = type(BEAT)(BEAT.worker, BEAT.serves, slots=10_000)
    monkeypatch.setattr("arena.generating.dispatch.send", lambda *_: None)
    bend(monkeypatch, PRESENCE, kept_s=600)
    publish(broker.connection(), roomy)
    yield
    withdraw(broker.connection(), roomy)


def at_once(*calls: Callable[[], object]) -> list[BaseException | None]:
    """Run in eight threads; returns what each call raised."""

    def call(one: Callable[[], object]) -> BaseException | None:
        try:
            one()
        except Exception as error:
            return error
        else:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(call, calls))


def test_both_sides_of_200_battles_that_fail_together_end_them_all(
    many: None, voter: Voter
) -> None:
    begun = [turns.begin(voter, "Hi") for _ in range(200)]
    Answer.objects.update(swapped_at_attempt=1)  # nobody is left to take their place

    def fail(barrier: Barrier, answer: Answer) -> None:
        barrier.wait(TOGETHER_S)
        failed = result(answer, "", finish_reason="error", error="it broke", permanent=True)
        settle(life, answer.pk, failed)

    def both(battle: Battle) -> list[Callable[[], None]]:
        barrier = Barrier(2)
        return [partial(fail, barrier, a) for a in Answer.objects.filter(turn__battle=battle)]

    raised = at_once(*chain.from_iterable(both(battle) for battle in begun))
    assert raised == [None] * 400
    assert Battle.objects.filter(state=Battle.State.VOID).count() == 200
    assert Answer.objects.filter(state=Answer.State.FAILED, error__contains="it broke").count() == (
        400
    )


def test_everything_that_happens_to_a_battle_may_happen_at_once(many: None, voter: Voter) -> None:
    begun = [turns.begin(voter, "Hi") for _ in range(40)]
    deeds: list[Callable[[], object]] = []
    for battle in begun:
        a, b = Answer.objects.filter(turn__battle=battle).order_by("side")
        deeds += random.sample(
            [
                partial(settle, life, a.pk, result(a)),
                partial(settle, life, b.pk, result(b, "", finish_reason="error", error="broke")),
                partial(fail, life, b, Fault("it fell silent")),
                partial(stopping.stop, battle),
                partial(casting.cast, battle, voter, "A"),
                partial(turns.continue_, battle, "And?"),
                partial(voiding.void, battle, "enough"),
            ],
            k=7,
        )
    raised = [error for error in at_once(*deeds) if error is not None]
    assert all(isinstance(error, Refused) for error in raised), raised
    open_ones = Battle.objects.filter(state=Battle.State.OPEN)
    assert not open_ones.filter(turns__answers__state=Answer.State.FAILED).exists()


def test_deadlock_is_tried_again(db: None) -> None:
    one, two = Voter.objects.create().pk, Voter.objects.create().pk
    both_hold_one = Barrier(2)
    tries: list[int] = []

    @retried
    def take(first: int, second: int) -> None:
        is_first_try = first not in tries
        tries.append(first)
        Voter.objects.select_for_update().get(pk=first)
        if is_first_try:
            both_hold_one.wait(TOGETHER_S)
        Voter.objects.select_for_update().get(pk=second)

    assert at_once(partial(take, one, two), partial(take, two, one)) == [None, None]
    assert len(tries) >= 3


def test_what_is_no_race_is_raised_at_once(db: None) -> None:
    tries = []

    @retried
    def wrong() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")

    with pytest.raises(OperationalError):
        wrong()
    assert tries == [1]
    assert transactions.TRIES > 1


def test_page_says_that_the_database_is_away(client: Client) -> None:
    def fail(*_: object) -> object:
        raise OperationalError from psycopg.errors.AdminShutdown("terminating connection")

    with connection.execute_wrapper(fail):
        sent = client.post("/battles/", {"prompt": "Hi"})
        read = client.get("/leaderboard/")
    for response, said in ((sent, "Go back and send this again"), (read, "Load this page again")):
        assert (response.status_code, response["Retry-After"]) == (503, "10")
        away = f"The database cannot be reached at the moment. {said} in half a minute."
        assert away in response.content.decode()


def test_error_in_a_query_does_not_count_as_an_outage() -> None:
    def raised(kind: type[Exception], cause: Exception) -> Exception:
        try:
            raise kind from cause
        except kind as error:
            return error

    assert is_away(raised(OperationalError, psycopg.OperationalError("connection refused")))
    assert is_away(raised(OperationalError, psycopg.errors.TooManyConnections("no slots")))
    assert not is_away(raised(OperationalError, psycopg.errors.DeadlockDetected("deadlock")))
    assert not is_away(raised(OperationalError, psycopg.errors.QueryCanceled("timeout")))
    assert not is_away(raised(DataError, psycopg.errors.DivisionByZero("zero")))
