"""Since when boards have been behind their votes, by the broker's clock: for monitoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from arena import broker
from arena.labels.slices import OVERALL

from ..models import Board

_SINCE, _LOOKED = "boards:behind", "boards:looked"


@dataclass(frozen=True)
class Ages:
    """What `note` has told so far."""

    looked: float | None  # seconds since new votes were last looked for; None: never
    behind: dict[int, float]  # by board, seconds since votes were found that it lacks


def name_of(board: Board) -> str:
    """As monitoring has it: there may be thousands of slices."""
    return board.slug if board.slice == OVERALL else "slices"


def note(behind: Iterable[Board]) -> None:
    """Remember since when these boards are behind; all others are up to date."""
    if not settings.METRICS_TOKEN:
        return
    with broker.spared("since when boards are behind is not known"):
        connection, now = broker.connection(), broker.now()
        known: Any = connection.hgetall(_SINCE)
        since: dict[Any, Any] = {
            str(board.pk): known.get(b"%d" % board.pk, now) for board in behind
        }
        with connection.pipeline() as pipeline:
            pipeline.delete(_SINCE)
            if since:
                pipeline.hset(_SINCE, mapping=since)
            pipeline.set(_LOOKED, now)
            pipeline.execute()


def look() -> Ages:
    """Raises RedisError."""
    connection, now = broker.connection(), broker.now()
    since: Any = connection.hgetall(_SINCE)
    looked: Any = connection.get(_LOOKED)
    return Ages(
        None if looked is None else max(0.0, now - float(looked)),
        {int(pk): max(0.0, now - float(at)) for pk, at in since.items()},
    )
