"""A battle's websocket as its viewer records it: the site's own consumer, in simulated time.

The consumer, its clock, frames and buffers are those of the site. Simulated are the
event loop's time, which jumps to the next moment at which something is due, the broker's streams,
and the database's answers to what the consumer asks it.
"""

from __future__ import annotations

import asyncio
import json
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from arena.matchmaking.waiting import NO_WAIT
from arena.models import Answer, Side, Turn
from arena.showing import turn as showing
from arena.showing.turn import LiveTurn, Position
from arena.streaming import consumer, live, looks
from arena.streaming.consumer import BattleConsumer
from arena.streaming.looks import Look
from arena.streaming.tails import Tail, Watch
from inference.contract.endings import FinishReason
from inference.contract.streams import Entry, Kind

from .battles import BEGAN, NEVER, Battle

LONGEST_S = 300.0
RELOADING_S = 0.4
Line = tuple[float, str]  # when it arrived, and all of it


class Clock(selectors.DefaultSelector):
    """A selector that doesn't wait: it moves the time on."""

    now = BEGAN

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


@dataclass
class Record:
    """Everything that the viewer's browser received, with the time, and what was done to it."""

    lines: list[Line] = field(default_factory=list)
    reloaded: float = NEVER
    stopped: float = NEVER


class Site:
    """Streams and database of one battle, as they are at the clock's time."""

    def __init__(self, battle: Battle, clock: Clock) -> None:
        self.battle, self.clock = battle, clock
        self.tails = {str(side): Tail() for side in Side}
        self.stopped: dict[Side, tuple[str, str]] = {}  # text and reason that are stored then
        self.turn = Turn(number=1)

    async def write(self) -> None:
        """What workers do."""
        coming = [(each.at, side, each) for side, one in self.battle.sides.items()
                  for each in one.entries]  # fmt: skip
        for at, side, entry in sorted(coming, key=lambda each: each[0]):
            await asyncio.sleep(max(0.0, at - self.clock.now))
            if not self.stopped:
                self.tails[str(side)].extend([entry])

    def stop(self, at: str) -> bool:
        """What Stop does, for a page that shows `at`; false before both sides have words."""
        turn = self.replayed()
        words = turn.seen_by(Position.parse(at), self.clock.now)
        if not words or turn.complete(self.clock.now):
            return False
        for side, pane in turn.panes.items():  # as arena.battles.stopping writes it down
            is_complete = pane.ended and len(pane.words) <= words
            reason = pane.reason if is_complete else FinishReason.CANCELLED
            self.stopped[side] = pane.words.first(words), reason
        for name, tail in self.tails.items():
            attempt = turn.panes[Side(name)].attempt
            id_ = f"{round(self.clock.now * 1000)}-1"
            tail.extend([Entry(id_, attempt, Kind.STOPPED, str(words))])
        return True

    def replayed(self) -> LiveTurn:
        turn = LiveTurn()
        for side, tail in self.tails.items():
            for entry in tail.entries:
                turn.absorb(Side(side), entry)
        return turn

    async def look(self, _: Turn) -> Look:
        now = self.clock.now
        waits = [wait for since, wait in self.battle.waits if since <= now]
        return Look(self.answers(), waits[-1] if waits else NO_WAIT, "", False)

    def answers(self) -> dict[Side, Answer]:
        return {side: self._answer(side) for side in Side}

    def _answer(self, side: Side) -> Answer:
        written, now = self.battle.sides[side], self.clock.now
        heard = max((each.attempt for each in self.tails[str(side)].entries), default=1)
        made = Answer(turn=self.turn, side=side, attempt=heard, stream=str(side))
        if side in self.stopped:
            (made.text, made.finish_reason), made.state = self.stopped[side], Answer.State.DONE
        elif written.stored <= now:
            made.text, made.state = written.text, Answer.State.DONE
            made.attempt, made.finish_reason = written.attempt, FinishReason.STOP
        return made

    @asynccontextmanager
    async def watch(self, streams: dict[str, Side]) -> AsyncIterator[Watch]:
        watch = Watch({stream: self.tails[stream] for stream in streams})
        for tail in watch.tails.values():
            tail.watches.add(watch)
        watch.news.set()
        yield watch
        for tail in watch.tails.values():
            tail.watches.discard(watch)


class Recorded(BattleConsumer):
    """Writes down what it sends."""

    def __init__(self, site: Site, record: Record, at: str) -> None:
        super().__init__()
        self.scope: dict[str, Any] = {"headers": []}
        self.site, self.record, self.at = site, record, at

    async def send_json(self, content: Any, close: bool = False) -> None:
        self.at = content.get("at", self.at)
        self.record.lines.append((self.site.clock.now, json.dumps(content)))

    async def close(self, code: Any = None, reason: Any = None) -> None:
        self.record.lines.append((self.site.clock.now, json.dumps({"op": "close", "code": code})))

    def asked(self, name: str) -> str:
        return {"at": self.at, "lang": "en", "turn": "1"}[name]

    def _own_answers(self) -> dict[Side, Answer]:
        return self.site.answers()


def watched(battle: Battle) -> Record:
    clock = Clock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    try:
        with in_time_of(clock):
            return loop.run_until_complete(_watch(Site(battle, clock)))
    finally:
        loop.close()


async def _watch(site: Site) -> Record:
    record, battle = Record(), site.battle
    writing = asyncio.create_task(site.write())
    with patch.object(consumer, "look", site.look), patch.object(consumer, "tails", site):
        socket = Recorded(site, record, "")
        showing_it = asyncio.create_task(socket._run())
        for at, act in sorted([(battle.reload, _reload), (battle.stop, _stop)], key=lambda x: x[0]):
            if at < BEGAN + NEVER:
                await asyncio.wait([showing_it], timeout=max(0.0, at - site.clock.now))
            if at < BEGAN + NEVER and not showing_it.done():
                socket, showing_it = await act(site, record, socket, showing_it)
        await asyncio.wait_for(showing_it, LONGEST_S)
    writing.cancel()
    return record


Going = tuple[Recorded, "asyncio.Task[None]"]


async def _reload(site: Site, record: Record, was: Recorded, task: asyncio.Task[None]) -> Going:
    """The page comes with all that may be shown by then, and connects again."""
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(RELOADING_S)
    record.reloaded = site.clock.now
    page = site.replayed()
    frame = page.frame(site.clock.now)
    if frame:
        record.lines.append((site.clock.now, json.dumps({**frame, "op": "page"})))
    again = Recorded(site, record, frame["at"] if frame else "")
    return again, asyncio.create_task(again._run())


async def _stop(site: Site, record: Record, was: Recorded, task: asyncio.Task[None]) -> Going:
    if site.stop(was.at):
        record.stopped = site.clock.now
    return was, task


@contextmanager
def in_time_of(clock: Clock) -> Iterator[None]:
    time = SimpleNamespace(monotonic=lambda: clock.now)

    def at_once(function: Callable[..., Any], **_: Any) -> Callable[..., Awaitable[Any]]:
        async def called(*args: Any) -> Any:
            return function(*args)

        return called

    async def in_no_thread(function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    with (
        patch.object(looks, "time", time),
        patch.object(live, "time", time),
        patch.object(showing, "time", time),
        patch.object(consumer, "database_sync_to_async", at_once),
        patch.object(asyncio, "to_thread", in_no_thread),
    ):
        yield


def as_it_comes(battle: Battle) -> Record:
    """The same battle on a page that shows each side's words as they arrive: the control."""
    record, lines, attempts = Record(), dict.fromkeys(Side, ""), dict.fromkeys(Side, 1)
    coming = [(each.at, side, each) for side, one in battle.sides.items() for each in one.entries]
    for at, side, entry in sorted(coming, key=lambda each: each[0]):
        if entry.attempt > attempts[side]:
            lines[side], attempts[side] = "", entry.attempt
        if entry.kind is Kind.TEXT:
            lines[side] += entry.text
            panes = [{"side": each, "keep": 0, "from": 0, "blocks": [lines[each]]} for each in Side]
            record.lines.append((at, json.dumps({"op": "text", "at": "", "panes": panes})))
    return record
