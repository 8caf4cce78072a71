"""The arena's one connection pool to Redis, and what to do while Redis takes nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import redis
from django.conf import settings
from kombu.exceptions import OperationalError

from inference.contract.broker import connect

from .errors import Code, Refused
from .processes import broker_time

# As our own commands fail, and as Celery says that it could not queue a task.
AWAY = (redis.RedisError, OperationalError)
PROMPT_KEPT = (
    "The queue cannot be reached at the moment, so no model can be asked. Your prompt is kept: "
    "send it again in half a minute."
)
NOT_NOW = "The queue cannot be reached at the moment. Try again in half a minute."

OUTLASTED_S = 60.0

logger = logging.getLogger(__name__)


@cache
def connection() -> redis.Redis:
    return connect(settings.REDIS_URL)


def now() -> float:
    """The broker's clock, the only one that all processes share [s since the epoch]."""
    return broker_time(connection())


def away(error: Exception, sentence: str = NOT_NOW) -> Refused:
    """`error`, one of those that are `AWAY`, as a visitor meets it."""
    logger.warning("the broker took nothing: %s", error)
    return Refused(sentence, code=Code.BROKER_AWAY, status=503)


@contextmanager
def needed_for_prompt() -> Iterator[None]:
    """Raises Refused, with a sentence for whoever has written a prompt."""
    try:
        yield
    except AWAY as error:
        raise away(error, PROMPT_KEPT) from error


@contextmanager
def spared(what: str) -> Iterator[None]:
    """For what the arena can do without, or does again later: an absent broker is passed over."""
    try:
        yield
    except AWAY as error:
        logger.warning("%s: the broker took nothing: %s", what, error)


def outlasted(work: Callable[[], None], pause_s: float = 1.0) -> None:
    """Do `work`, anew every second while the broker is away, for a minute at most. To be called
    with nothing locked. Celery's own retry goes through the same broker, so it cannot help."""
    until = time.monotonic() + OUTLASTED_S
    while True:
        try:
            return work()
        except AWAY as error:
            if time.monotonic() > until:
                raise
            logger.warning("tried again in %g s: the broker took nothing: %s", pause_s, error)
        time.sleep(pause_s)
