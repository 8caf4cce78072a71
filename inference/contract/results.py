"""Results on their way to the arena: one Redis stream, to which model workers only add.

A result comes with the ticket of its request, by which the arena knows what it is for. Whoever was
not given the request has no ticket. The readers are a consumer group: what a reader took and did
not strike out, another one takes.

The ids of a stream only ascend, and a stolen worker may add an entry with the highest id there is,
after which the stream takes nothing more. So a reader that finds nothing looks at the last id.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import redis

from .kinds import loaded
from .limits import RESULTS
from .requests import GenerateResult, encoded

STREAM = "results"
_GROUP = "readers"
_FORGED_MS = 1 << 63  # no clock comes near it, and half of all ids are still free
logger = logging.getLogger(__name__)


class Posted(NamedTuple):
    """A result as it arrived: anything, as only the ticket says whether it is a worker's."""

    id: bytes
    ticket: str
    said: bytes

    def result(self) -> dict[str, Any]:
        """Raises ValueError if it is not that of a request."""
        said = loaded(self.said)
        if not isinstance(said, dict) or not {"stream", "attempt"} <= said.keys():
            raise ValueError("it is no result")
        return said


def post(connection: redis.Redis, result: GenerateResult, ticket: str) -> None:
    """Raises RedisError."""
    fields: Any = {"ticket": ticket, "said": encoded(result.to_dict())}
    connection.xadd(STREAM, fields)


def take(connection: redis.Redis, reader: str) -> list[Posted]:
    """What nobody has taken yet, waiting for it for a moment; and what others took and did not
    strike out, as they have died since. Raises RedisError."""
    wait_ms, again_ms = int(RESULTS.listen_s * 1000), int(RESULTS.again_s * 1000)
    try:
        found: Any = connection.xautoclaim(STREAM, _GROUP, reader, again_ms, count=RESULTS.at_once)
        if not (rows := found[1]):
            new: Any = connection.xreadgroup(
                _GROUP, reader, {STREAM: ">"}, count=RESULTS.at_once, block=wait_ms
            )
            rows = [row for _, of_stream in new for row in of_stream]
        if not rows:
            _renew_if_spent(connection)
    except redis.ResponseError as error:
        if not str(error).startswith(("NOGROUP", "no such key")):
            raise
        _open(connection)
        return []
    return [_posted(id_, fields or {}) for id_, fields in rows]


def strike_out(connection: redis.Redis, posted: Posted) -> None:
    """Raises RedisError."""
    with connection.pipeline() as pipe:
        pipe.xack(STREAM, _GROUP, posted.id)
        pipe.xdel(STREAM, posted.id)
        pipe.execute()


def _open(connection: redis.Redis) -> None:
    try:
        connection.xgroup_create(STREAM, _GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # another reader was quicker
            raise


def _renew_if_spent(connection: redis.Redis) -> None:
    """What others have taken and not struck out is lost with the stream, and asked for again."""
    with connection.pipeline() as pipe:
        pipe.watch(STREAM)  # type: ignore[no-untyped-call]
        last: Any = pipe.xinfo_stream(STREAM)["last-generated-id"]
        if int(last.partition(b"-")[0]) < _FORGED_MS:
            return
        pipe.multi()
        pipe.delete(STREAM)
        pipe.xgroup_create(STREAM, _GROUP, id="0", mkstream=True)
        try:
            pipe.execute()
        except redis.WatchError:  # another reader was quicker
            return
    logger.warning(
        "The stream of results is made anew: a worker has used up its ids (%s)", last.decode()
    )


def _posted(id_: bytes, fields: dict[bytes, bytes]) -> Posted:
    ticket = fields.get(b"ticket", b"").decode(errors="replace")
    return Posted(id_, ticket, fields.get(b"said", b""))
