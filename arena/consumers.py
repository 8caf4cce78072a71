"""The live battle: two Redis Streams in, frames out, from wherever the browser left off.

Frames (JSON): {"op": "text", "panes": [{"side", "at", "keep", "from", "blocks", "end"}]} keeps the
first `keep` blocks of a pane and puts `blocks` behind them, the first of which goes on where the
block in its place had `from` characters; {"op": "ready", "stopped"}: both answers are stored, those
of the named sides as they stood when the voter stopped them: vote; {"op": "void", "message"}: the
battle is over without a vote; {"op": "queue", "ahead", "seconds"}: so many answers are before
these, about so long. On reconnecting the browser sends the last `at` of each side back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.http.cookie import parse_cookie

from .live import LiveTurn, Position
from .looks import look
from .models import Answer, Side
from .tails import Tails, Watch
from .voters import key_of
from .waiting import NO_WAIT

TICK_S = 0.05  # between two frames at least; workers write a little less often
IDLE_S = 0.4
LOOK_EVERY_S = 0.5  # at the database: before the first words, in silence, and after the last
LOOK_IDLY_S = 10.0  # while words come; it also notes that somebody still watches

NO_SUCH_BATTLE = 4404
logger = logging.getLogger(__name__)
tails = Tails(settings.REDIS_URL)


class BattleConsumer(AsyncJsonWebsocketConsumer):
    """Watches the last turn of one's own battle."""

    forwarding: asyncio.Task[None] | None = None
    told = NO_WAIT

    async def connect(self) -> None:
        answers = await database_sync_to_async(self._own_answers, thread_sensitive=False)()
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
        try:
            await self._forward(answers)
        except Exception:  # the one last resort: the browser reconnects and resumes
            logger.exception("live battle broke off")
        await self.close()

    async def _forward(self, answers: dict[Side, Answer]) -> None:
        live = LiveTurn(self._positions())
        sides = {str(answer.stream): side for side, answer in answers.items()}
        looked, sent = time.monotonic(), 0.0
        async with tails.watch(sides) as watch:
            while not live.complete:
                await watch.wait(TICK_S if live.behind else IDLE_S)
                absorb(watch, live, sides)
                early = sent + TICK_S - time.monotonic()
                if early > 0 and not live.arrived:
                    await asyncio.sleep(early)
                    absorb(watch, live, sides)
                every = LOOK_IDLY_S if live.flowing else LOOK_EVERY_S
                if time.monotonic() - looked > every:
                    looked = time.monotonic()
                    if not await self._ask_database(live, answers):
                        return
                if frames := list(live.frames()):
                    await self.send_json({"op": "text", "panes": frames})
                    sent = time.monotonic()
        stopped = [side.value for side, pane in live.panes.items() if pane.stopped]
        await self.send_json({"op": "ready", "stopped": stopped})

    async def _ask_database(self, live: LiveTurn, answers: dict[Side, Answer]) -> bool:
        """What the database knows and the streams may not: stored, or void. False: it is over."""
        seen = await look(answers[Side.A].turn)
        if seen.wait != self.told and not live.begun:
            self.told = seen.wait
            wait = {"ahead": seen.wait.ahead, "seconds": seen.wait.seconds}
            await self.send_json({"op": "queue", **wait})
        if seen.farewell:
            await self.send_json({"op": "void", "message": seen.farewell})
            return False
        for side, answer in seen.answers.items():
            if answer.state == Answer.State.DONE:
                stopped = answer.finish_reason == "cancelled"
                live.panes[side].finish(answer.text, answer.attempt, stopped=stopped)
        return True

    def _positions(self) -> dict[Side, Position]:
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        return {side: Position.parse(query.get(side.value.lower(), [""])[0]) for side in Side}

    def _own_answers(self) -> dict[Side, Answer]:
        """Those of the last turn, if the battle is the visitor's own: in one question, since the
        first words may be there already."""
        headers: dict[bytes, bytes] = dict(self.scope["headers"])
        voter = key_of(parse_cookie(headers.get(b"cookie", b"").decode("latin-1")))
        if voter is None:
            return {}
        public_id: str = self.scope["url_route"]["kwargs"]["public_id"]
        own = Answer.objects.filter(
            turn__battle__public_id=public_id, turn__battle__voter__key=voter
        )
        last = own.select_related("turn__battle").order_by("-turn__number")[: len(Side)]
        return {Side(answer.side): answer for answer in last}


def absorb(watch: Watch, live: LiveTurn, sides: dict[str, Side]) -> None:
    """Take in what is new."""
    for stream, entry in watch.take():
        live.panes[sides[stream]].absorb(entry)
