"""The live battle: two Redis Streams in, frames out, from wherever the browser left off.

Frames (JSON): {"op": "text", "side", "at", "keep", "blocks", "end"} keeps the first `keep` blocks
of a pane and puts `blocks` behind them; {"op": "ready"}: both answers are stored, vote;
{"op": "void", "message"}: the battle is over without a vote; {"op": "queue", "ahead", "seconds"}:
so many answers are before these, about so long. On reconnecting the browser sends the
last `at` of each side back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from urllib.parse import parse_qs

import redis.asyncio
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.http.cookie import parse_cookie

from inference.presence import live_workers
from inference.streams import follow

from . import broker, watching
from .battles import farewell
from .live import LiveTurn, Position
from .models import Answer, Battle, Side
from .voters import voter_of
from .waiting import NO_WAIT, Wait, slots_of, wait_of

TICK_S = 0.08  # at most twelve frames a second and side
BLOCK_MS = 400
LOOK_EVERY_S = 0.5  # at the database, while the streams say nothing new

NO_SUCH_BATTLE = 4404
logger = logging.getLogger(__name__)


class BattleConsumer(AsyncJsonWebsocketConsumer):
    """Watches the last turn of one's own battle."""

    forwarding: asyncio.Task[None] | None = None
    told = NO_WAIT

    async def connect(self) -> None:
        answers = await database_sync_to_async(self._own_answers)()
        await self.accept()
        if not answers:
            await self.close(NO_SUCH_BATTLE)
            return
        self.forwarding = asyncio.create_task(self._run(answers))

    async def disconnect(self, code: int) -> None:
        if self.forwarding is not None:
            self.forwarding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.forwarding

    async def _run(self, answers: dict[Side, Answer]) -> None:
        connection = redis.asyncio.Redis.from_url(settings.REDIS_URL)
        try:
            await self._forward(connection, answers)
        except Exception:  # the one last resort: the browser reconnects and resumes
            logger.exception("live battle broke off")
        finally:
            await connection.aclose()
        await self.close()

    async def _forward(self, connection: redis.asyncio.Redis, answers: dict[Side, Answer]) -> None:
        live = LiveTurn(self._positions())
        sides = {str(answer.stream): side for side, answer in answers.items()}
        seen = dict.fromkeys(sides, "0")
        looked = time.monotonic()
        while True:
            arrived = await follow(connection, seen, wait_ms=BLOCK_MS)
            for stream, entries in arrived.items():
                for entry in entries:
                    live.panes[sides[stream]].absorb(entry)
                seen[stream] = entries[-1].id
            frames = list(live.frames())
            for frame in frames:
                await self.send_json({"op": "text", **frame})
            if (live.arrived or not arrived) and time.monotonic() - looked > LOOK_EVERY_S:
                looked = time.monotonic()
                if await self._over(live, answers):
                    return
            if frames:
                await asyncio.sleep(TICK_S)

    async def _over(self, live: LiveTurn, answers: dict[Side, Answer]) -> bool:
        """What the database knows and the streams do not: stored, or void."""
        state, stored, wait = await database_sync_to_async(_stored)(answers)
        if wait != self.told and not live.begun:
            self.told = wait
            await self.send_json({"op": "queue", "ahead": wait.ahead, "seconds": wait.seconds})
        if state == Battle.State.VOID:
            await self.send_json({"op": "void", "message": await self._farewell(answers)})
            return True
        for side, answer in stored.items():
            if answer.state == Answer.State.DONE:
                live.panes[side].finish(answer.text, answer.attempt)
        if live.complete and all(a.state == Answer.State.DONE for a in stored.values()):
            await self.send_json({"op": "ready"})
            return True
        return False

    async def _farewell(self, answers: dict[Side, Answer]) -> str:
        sentence: str = await database_sync_to_async(farewell)(answers[Side.A].turn.battle)
        return sentence

    def _positions(self) -> dict[Side, Position]:
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        return {side: Position.parse(query.get(side.value.lower(), [""])[0]) for side in Side}

    def _own_answers(self) -> dict[Side, Answer]:
        headers: dict[bytes, bytes] = dict(self.scope["headers"])
        voter = voter_of(parse_cookie(headers.get(b"cookie", b"").decode("latin-1")))
        public_id: str = self.scope["url_route"]["kwargs"]["public_id"]
        battle = Battle.objects.filter(public_id=public_id, voter=voter).first()
        if voter is None or battle is None:
            return {}
        answers = battle.turns.latest("number").answers.select_related("turn__battle")
        return {Side(answer.side): answer for answer in answers}


def _stored(answers: dict[Side, Answer]) -> tuple[str, dict[Side, Answer], Wait]:
    found = Answer.objects.filter(pk__in=[answer.pk for answer in answers.values()])
    rows = list(found.select_related("turn__battle", "revision"))
    watching.note(rows[0].turn.battle)
    slots = slots_of(live_workers(broker.connection()))
    waits = [wait_of(row, slots.get(row.revision.service, 0)) for row in rows]
    return rows[0].turn.battle.state, {Side(row.side): row for row in rows}, max(waits)
