"""The clock on a real broker, with real Celery putting messages into the queues."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
import redis

from arena import broker, processes
from arena.limits import PROCESSES
from config.celery import app
from config.clock import LONGEST_QUEUE, Clock
from config.limits import CLOCK
from config.periodic import SCHEDULE, Periodic

SOME = [Periodic("arena.watch_answers", 2.0), Periodic("ratings.refresh_boards", 0.5)]


@pytest.fixture
def connection() -> Iterator[redis.Redis]:
    found = broker.connection()
    found.delete("lease:clock", *processes.QUEUES)
    yield found
    found.delete("lease:clock", *processes.QUEUES)


def sent(connection: redis.Redis) -> Counter[str]:
    """Messages waiting in the two queues, by task."""
    waiting = [one for queue in processes.QUEUES for one in connection.lrange(queue, 0, -1)]
    return Counter(json.loads(message)["headers"]["task"] for message in waiting)


def test_two_clocks_send_each_task_once_a_period(connection: redis.Redis) -> None:
    clocks = [Clock(app, connection, SOME) for _ in range(2)]
    for tenth in range(41):  # four seconds
        for clock in clocks:
            clock.tick(tenth / 10)
    assert sent(connection) == {
        "arena.watch_answers": 3, "ratings.refresh_boards": 9, "arena.pulse": 6
    }  # fmt: skip


def test_clock_that_stops_hands_over_at_once(connection: redis.Redis) -> None:
    first, second = (Clock(app, connection, SOME) for _ in range(2))
    first.tick(0)
    second.tick(0)
    before = sent(connection)
    first.stop()
    second.tick(CLOCK.renew_s)
    assert sent(connection) == before + before


def test_clock_whose_lease_was_taken_is_silent(connection: redis.Redis) -> None:
    late, other = (Clock(app, connection, SOME) for _ in range(2))
    late.tick(0)
    connection.delete("lease:clock")  # as if it was frozen and its lease expired
    other.tick(0)
    before = sent(connection)
    for tenth in range(50):
        late.tick(CLOCK.renew_s + tenth / 10)
    assert sent(connection) == before


def test_clock_frozen_for_long_does_not_make_up_for_it(connection: redis.Redis) -> None:
    clock = Clock(app, connection, SOME)
    clock.tick(0)
    clock.tick(600)
    clock.tick(600.1)
    assert sent(connection)["ratings.refresh_boards"] == 2


def test_long_queue_gets_nothing_periodic(connection: redis.Redis) -> None:
    clock = Clock(app, connection, SOME)
    for second in range(300):
        clock.tick(float(second))
    assert connection.llen("core") <= LONGEST_QUEUE
    assert connection.llen("background") <= LONGEST_QUEUE


def test_long_background_queue_does_not_hold_core_up(connection: redis.Redis) -> None:
    connection.lpush("background", *["{}"] * LONGEST_QUEUE)
    Clock(app, connection, SOME).tick(0)
    assert connection.llen("background") == LONGEST_QUEUE
    assert connection.llen("core") == 2  # the watchdog, and a pulse


def test_pulse_tells_how_long_the_queue_was(connection: redis.Redis) -> None:
    app.loader.import_default_modules()
    Clock(app, connection, SOME).tick(0)
    [message] = [m for m in connection.lrange("core", 0, -1) if b"arena.pulse" in m]
    assert json.loads(message)["headers"]["argsrepr"].startswith("['core', ")
    now = processes.broker_time(connection)
    app.tasks["arena.pulse"]("core", now - 40)
    app.tasks["arena.pulse"]("core", now - 50)  # from another worker, late
    assert processes.look(connection).delays["core"] == pytest.approx(40, abs=PROCESSES.pulse_s)
    connection.delete("pulses")


@pytest.mark.parametrize("periodic", SCHEDULE, ids=lambda periodic: periodic.task)
def test_every_periodic_task_exists(periodic: Periodic) -> None:
    app.loader.import_default_modules()
    assert periodic.task in app.tasks


def test_tasks_that_may_take_long_go_to_the_background() -> None:
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if name.startswith(("arena.", "ratings."))]
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in ours}
    assert {name for name, queue in queues.items() if queue == "core"} == {
        "arena.record_answer", "arena.record_prepared_answer", "arena.record_labels",
        "arena.record_reply", "arena.record_probe_answer",
        "arena.record_check", "arena.record_answer_check",
        "arena.advance_batches", "arena.watch_answers", "arena.pulse", "arena.send_keys",
    }  # fmt: skip
    assert set(queues.values()) == {"core", "background"}
