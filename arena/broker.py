"""The arena's one connection pool to Redis."""

from functools import cache

import redis
from django.conf import settings


@cache
def connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)
