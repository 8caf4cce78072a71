"""What a model worker may do in the broker: the rules of its user in Valkey (docs/decisions/0033).

It reads the queues and questions of what it serves, and adds results to a stream that it cannot
read. An answer's stream is open to whoever knows its name, which only the request tells: so nothing
here may list or search keys.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .requests import queue_of

_COMMANDS = (
    "+ping +time +hello +auth +select +client|setinfo +client|setname "
    "+multi +exec +discard +watch +unwatch +eval +evalsha +script|load "
    "+get +set +mget +del +exists +expire +ttl +sadd +srem +smembers "
    "+hget +hset +hdel +hgetall +hmget +hincrby +hincrbyfloat "
    "+lpush +rpush +ltrim +llen +blpop +brpop +xadd +xrange +xrevrange "
    "+zadd +zrem +zrange"
)
_SHARED = (
    "~answer:*",  # streams, with random names
    "%R~keys:sealed",
    "%W~counted:*",  # replies, with random names
    "%W~asked:*",
    "%R~fetch:*", "%R~fetches",  # orders of downloads
    "~fetch:way:*",
    "~spent:*",
    "~weights:*",
)  # fmt: skip
# Rules with commands of their own, so that nobody makes something else of what all workers need.
_ALONE = (
    "(%W~results -@all +xadd)",
    "(~workers ~workers-seen -@all +sadd +srem +smembers)",
)
_ODD = re.compile(r"[^\w*?:.+-]")


def unacked(user: str) -> dict[str, str]:
    """Where Celery keeps what workers of this user have taken and not finished: options of its
    transport. Other users' would tell their prompts."""
    key = f"unacked:{user}"
    return {
        "unacked_key": key,
        "unacked_index_key": f"{key}:index",
        "unacked_mutex_key": f"{key}:mutex",
    }


def of_worker(user: str, *, host: str = "*", services: Sequence[str] = ("*",)) -> str:
    """The rules of the user of the workers on `host`, which provide no other services than these.
    A star stands for any characters."""
    served = [_pattern(service) for service in services]
    keys = [
        *_SHARED,
        *(f"~{queue_of(service)}" for service in (*served, "")),
        *(
            f"~_kombu.{table}.{queue_of(service)}"
            for table in ("binding", "binding_permanent")
            for service in (*served, "")
        ),
        *(f"~{kind}:{service}" for kind in ("count", "ask", "waiting") for service in served),
        "~ask:weights",
        *(f"~{kind}:{_pattern(host)}-*" for kind in ("worker", "seen")),
        *(f"~{key}" for key in unacked(user).values()),
    ]
    return " ".join(["resetchannels", *dict.fromkeys(keys), "-@all", _COMMANDS, *_ALONE])


def _pattern(name: str) -> str:
    """Rules are separated by spaces, and some characters mean more in a pattern."""
    return _ODD.sub("?", name)
