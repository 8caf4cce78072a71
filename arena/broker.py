"""The arena's one connection pool to Redis, and what to do while Redis is unavailable."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import redis
from django.conf import settings
from django.utils.translation import gettext, gettext_noop
from kombu.exceptions import OperationalError

from inference.contract.broker import connect

from .errors import Code, Refused
from .limits import OUTLASTED_S
from .processes import broker_time

# Raised by our own commands, and by Celery when it cannot queue a task.
AWAY = (redis.RedisError, OperationalError)
PROMPT_KEPT = gettext_noop(
    "The queue cannot be reached at the moment, so no model can be asked. Your prompt is kept: "
    "send it again in half a minute."
)
NOT_NOW = gettext_noop("The queue cannot be reached at the moment. Try again in half a minute.")

logger = logging.getLogger(__name__)


@cache
def connection() -> redis.Redis:
    return connect(settings.REDIS_URL)


def now() -> float:
    """The broker's clock, the only one that all processes share [s since the epoch]."""
    return broker_time(connection())


def away(error: Exception, sentence: str = NOT_NOW) -> Refused:
    """Turn `error`, one of `AWAY`, into the error that a visitor sees."""
    logger.warning("the broker is unavailable: %s", error)
    return Refused(gettext(sentence), code=Code.BROKER_AWAY, status=503)


@contextmanager
def needed_for_prompt() -> Iterator[None]:
    """For work that a prompt needs. If the broker is unavailable, raises Refused with a message
    for the prompt's author."""
    try:
        yield
    except AWAY as error:
        raise away(error, PROMPT_KEPT) from error


@contextmanager
def spared(what: str) -> Iterator[None]:
    """For work that is optional or retried later: an unavailable broker is logged and ignored."""
    try:
        yield
    except AWAY as error:
        logger.warning("%s: the broker is unavailable: %s", what, error)


def outlasted(work: Callable[[], None], pause_s: float = 1.0) -> None:
    """Do `work`; while the broker is unavailable, retry every second for up to a minute. Hold no
    locks when calling this. Celery's own retry uses the same broker, so it cannot help."""
    until = time.monotonic() + OUTLASTED_S
    while True:
        try:
            return work()
        except AWAY as error:
            if time.monotonic() > until:
                raise
            logger.warning("trying again in %g s: the broker is unavailable: %s", pause_s, error)
        time.sleep(pause_s)
