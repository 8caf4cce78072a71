"""Writing to a battle: one lock per battle, and a retry when a transaction loses a race."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from .models import Battle

LOST_RACES = {"40001", "40P01"}  # serialisation failure, deadlock
TRIES = 6
PAUSE_S = 0.02  # at most, before the second try; then twice as long each time

# Of PostgreSQL: connections fail, it is told to stop or restarts, it has no connection left.
AWAY = ("08", "57P", "53300")

P = ParamSpec("P")
T = TypeVar("T")


def lock(battle_id: int) -> Battle:
    """The battle as it is now, locked until the transaction ends.

    Its row also guards its turns and answers: every writer locks it first, and locks no other row
    of the battle. With one lock per battle there is no lock order to get wrong.
    """
    return Battle.objects.select_for_update(no_key=True).get(pk=battle_id)


def retried(work: Callable[P, T]) -> Callable[P, T]:
    """Run `work` in a transaction, and retry it after a deadlock or a serialisation failure. Inside
    the caller's own transaction the error is raised: only the caller can retry that."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for tries in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    return work(*args, **kwargs)
            except OperationalError as error:
                if tries == TRIES or connection.in_atomic_block or not lost_race(error):
                    raise
            time.sleep(random.uniform(0, PAUSE_S * 2 ** (tries - 1)))
        raise AssertionError("the last try returns or raises")

    return run


def lost_race(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in LOST_RACES


def is_away(error: Exception) -> bool:
    """Whether the database cannot be reached, as opposed to a mistake in a query."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)
