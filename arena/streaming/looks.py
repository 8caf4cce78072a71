"""The stored state of a turn under way: one query serves every tab that watches it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from channels.db import database_sync_to_async

from inference.contract.presence import live_workers

from .. import broker
from ..battles import watching
from ..battles.voiding import reason
from ..limits import LIVE
from ..matchmaking.waiting import Wait, slots_of, wait_of
from ..models import Answer, Battle, Side, Turn


@dataclass(frozen=True)
class Look:
    """The turn as it is stored."""

    answers: dict[Side, Answer]
    wait: Wait
    farewell: str  # to a void battle, in English, since the tabs may differ in language
    is_over: bool  # in another tab: voted on, or skipped


_looks: dict[int, tuple[float, asyncio.Task[Look]]] = {}


async def look(turn: Turn) -> Look:
    """The cached look at `turn`, or a fresh one if that is stale."""
    now = time.monotonic()
    at, task = _looks.get(turn.pk, (0.0, None))
    if task is None or now - at > LIVE.fresh_s:
        _forget(now - LIVE.fresh_s)
        task = asyncio.create_task(_ask(turn.pk))
        _looks[turn.pk] = now, task
    return await asyncio.shield(task)  # a tab that leaves must not cancel the query of the others


async def _ask(turn_id: int) -> Look:
    # In any free thread: with a single one, two hundred tabs would wait for each other.
    found: Look = await database_sync_to_async(_from_database, thread_sensitive=False)(turn_id)
    return found


def _from_database(turn_id: int) -> Look:
    rows = Answer.objects.filter(turn=turn_id).select_related("turn__battle", "revision")
    answers = {Side(row.side): row for row in rows}
    battle = answers[Side.A].turn.battle
    watching.note(battle)
    slots = slots_of(live_workers(broker.connection()))
    wait = max(wait_of(row, slots.get(row.revision.service, 0)) for row in answers.values())
    void = battle.state == Battle.State.VOID
    is_over = battle.state in (Battle.State.VOTED, Battle.State.SKIPPED)
    return Look(answers, wait, reason(battle) if void else "", is_over)


def _forget(before: float) -> None:
    for turn_id in [key for key, (at, _) in _looks.items() if at < before]:
        del _looks[turn_id]
