"""What a worker says about the orders it works on, beside them: it cannot write the orders."""

from __future__ import annotations

from dataclasses import asdict

import redis

from inference.contract.fetching import (
    Beside,
    Fetch,
    Progress,
    Wanted,
    as_text,
    beside,
    key_of,
    look_up,
)
from inference.contract.limits import FETCHING
from inference.contract.requests import encoded

# Longer than orders: an order whose progress is gone would be carried out again.
_KEPT_S = 2 * FETCHING.kept_s


def hold(connection: redis.Redis, fetch: Fetch, home: str, worker: str) -> bool:
    """Take an order for `home`, or take it up again. True for one worker only."""
    order_id = fetch.order.id
    lease = beside(order_id, Beside.LEASE)
    if not connection.set(lease, worker, nx=True, ex=FETCHING.lease_s):
        return False
    now = look_up(connection, order_id)  # again, as nobody else changes it from here on
    if now is not None and now.home in ("", home):
        connection.set(beside(order_id, Beside.HOME), home, ex=_KEPT_S)
        return True
    let_go(connection, order_id, worker)
    return False


def let_go(connection: redis.Redis, order_id: str, worker: str) -> None:
    if _is_holder(connection, order_id, worker):
        connection.delete(beside(order_id, Beside.LEASE))


def report(connection: redis.Redis, order_id: str, progress: Progress, worker: str) -> Wanted:
    """Publish progress and keep the lease. Returns what is wanted now: to stop, also if another
    worker has taken the order over, because this one had not been heard from."""
    if not _is_holder(connection, order_id, worker):
        return Wanted.STOP
    with connection.pipeline() as pipe:
        pipe.hget(key_of(order_id), "wanted")
        pipe.set(beside(order_id, Beside.LEASE), worker, ex=FETCHING.lease_s)
        pipe.set(beside(order_id, Beside.PROGRESS), encoded(asdict(progress)), ex=_KEPT_S)
        wanted, *_ = pipe.execute()
    return Wanted(as_text(wanted)) if wanted else Wanted.DISCARD


def begin_again(connection: redis.Redis, order_id: str) -> None:
    """As if nobody had reported on the order yet."""
    connection.delete(beside(order_id, Beside.PROGRESS))


def say_discarded(connection: redis.Redis, order_id: str) -> None:
    """The site forgets the order then."""
    connection.set(beside(order_id, Beside.DISCARDED), "yes", ex=_KEPT_S)


def _is_holder(connection: redis.Redis, order_id: str, worker: str) -> bool:
    """Also if its lease has run out and nobody else has taken it."""
    [lease] = connection.mget([beside(order_id, Beside.LEASE)])
    return as_text(lease) in ("", worker)
