"""Whether what a process depends on is there, asked without its own connections: all of them may be
held by threads that hang."""

from __future__ import annotations

import psycopg
import redis
from django.conf import settings
from django.db import connection

from arena import broker

ANSWER_S = 3


def database_answers() -> bool:
    """Also true for a process without a database."""
    if settings.ROLE == "inference":
        return True
    try:
        with psycopg.connect(**connection.get_connection_params() | {"connect_timeout": ANSWER_S}):
            return True
    except psycopg.Error:
        return False


def broker_answers() -> bool:
    try:
        return bool(broker.connection().ping())
    except redis.RedisError:
        return False
