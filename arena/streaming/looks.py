"""The stored state of turns under way: one query serves every tab that watches one of them, and no
words wait for it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from channels.db import database_sync_to_async

from inference.contract.presence import live_workers

from .. import broker
from ..battles import watching
from ..battles.voiding import reason
from ..limits import LIVE
from ..matchmaking.waiting import Wait, slots_of, waits_of
from ..models import Answer, Battle, Side, Turn

Stored = TypeVar("Stored")


class Looking(Generic[Stored]):
    """One page's looks at what is stored, one at a time, beside the words it shows."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, Stored]], page: asyncio.Event) -> None:
        self._ask, self._page = ask, page
        self._began = time.monotonic()
        self._asking: asyncio.Task[Stored] | None = None

    def seen(self, every: float) -> Stored | None:
        """What was seen, once: `page` is set when there is something. The next look begins `every`
        so many seconds after this one. Raises what the asking has raised."""
        if self._asking is None and time.monotonic() - self._began > every:
            self._began = time.monotonic()
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(lambda _: self._page.set())
        if self._asking is None or not self._asking.done():
            return None
        done, self._asking = self._asking, None
        return done.result()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._asking is not None:
            self._asking.cancel()


@dataclass(frozen=True)
class Look:
    """The turn as it is stored."""

    answers: dict[Side, Answer]
    wait: Wait
    farewell: str  # to a void battle, in English, since the tabs may differ in language
    is_over: bool  # in another tab: voted on, or skipped


SHARE = 0.2  # largest share of the time that looks take: they are rarer, the more pages wait


class Looks:
    """Looks at turns, those of one event loop. While one is under way, whoever else asks waits for
    the next, so that a thousand pages cost one query at a time, and one connection."""

    def __init__(self) -> None:
        self._latest: dict[int, tuple[float, asyncio.Future[Look]]] = {}
        self._asked: dict[int, asyncio.Future[Look]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def at(self, turn: Turn) -> Look:
        """The cached look at `turn`, or a fresh one if that is stale."""
        now = time.monotonic()
        at, found = self._latest.get(turn.pk, (0.0, None))
        if found is None or now - at > LIVE.fresh_s:
            self._forget(now - LIVE.fresh_s)
            found = asyncio.get_running_loop().create_future()
            self._latest[turn.pk], self._asked[turn.pk] = (now, found), found
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(found)  # a tab that leaves must not cancel that of the others

    async def _ask(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                began = time.monotonic()
                await self._answer(asked)
                await asyncio.sleep((time.monotonic() - began) * (1 / SHARE - 1))
        finally:
            self._asking = None

    async def _answer(self, asked: dict[int, asyncio.Future[Look]]) -> None:
        # In any free thread: a single one may be busy with a page.
        ask = database_sync_to_async(_from_database, thread_sensitive=False)
        try:
            looks = await ask([*asked])
        except Exception as error:
            for each in asked.values():
                each.set_exception(error)
            return
        for turn, each in asked.items():
            if turn in looks:
                each.set_result(looks[turn])
            else:
                each.set_exception(LookupError(f"turn {turn} is gone"))

    def _forget(self, before: float) -> None:
        stale = [turn for turn, (at, look) in self._latest.items() if at < before and look.done()]
        for turn in stale:
            del self._latest[turn]


look = Looks().at


def _from_database(turns: Sequence[int]) -> dict[int, Look]:
    rows = Answer.objects.filter(turn__in=turns).select_related("turn__battle", "revision")
    answers = defaultdict[int, dict[Side, Answer]](dict)
    for row in rows:
        answers[row.turn_id][Side(row.side)] = row
    watching.note(*(both[Side.A].turn.battle for both in answers.values()))
    waits = waits_of([*rows], slots_of(live_workers(broker.connection())))
    return {
        turn: _look(both, max(waits[each.pk] for each in both.values()))
        for turn, both in answers.items()
    }


def _look(answers: dict[Side, Answer], wait: Wait) -> Look:
    battle = answers[Side.A].turn.battle
    void = battle.state == Battle.State.VOID
    is_over = battle.state in (Battle.State.VOTED, Battle.State.SKIPPED)
    return Look(answers, wait, reason(battle) if void else "", is_over)
