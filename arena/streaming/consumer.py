"""The live battle: two Redis Streams in, frames out, starting where the browser left off.

Frames are JSON:

- {"op": "text", "at", "panes": [{"side", "keep", "from", "blocks"}, ...]}: new text, always for
  both sides. A pane keeps its first `keep` blocks and appends `blocks`; the first of these
  continues the block it replaces after that block's first `from` characters. It is `complete` once
  the other pane has been shown beyond its end.
- {"op": "ready", "notes"}: both answers are shown and stored, so the voter can vote. For each side
  a note says whether its answer was cut off.
- {"op": "void", "message"}: the battle has ended without a vote.
- {"op": "over"}: its voter has voted or skipped in another tab; the page reloads.
- {"op": "queue", "message"}: how many answers are queued ahead, and the estimated wait; "" when the
  wait is over.
- {"op": "beat"}: a heartbeat.

When it connects, the browser says the language of its page, and sends back the last `at`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.translation import gettext, ngettext

from .. import broker
from ..generating.endings import note
from ..limits import LIVE
from ..matchmaking.waiting import NO_WAIT, Wait
from ..models import Answer, Side
from ..showing.turn import LiveTurn, Position
from ..votes.voters import key_of
from .looks import look
from .tails import Tails, Watch

OVER = 1000
TRY_AGAIN = 1013  # the browser does, with backoff
NO_SUCH_BATTLE = 4404
AWAY = (*broker.AWAY, OperationalError, InterfaceError)  # broker or database unavailable
logger = logging.getLogger(__name__)
tails = Tails(settings.REDIS_URL)


class BattleConsumer(AsyncJsonWebsocketConsumer):
    """Streams the last turn of a battle to its own voter."""

    running: asyncio.Task[None] | None = None
    told = NO_WAIT
    ahead = 0.0  # of the broker's clock over this process's monotonic clock [s]

    async def connect(self) -> None:
        await self.accept()
        self.running = asyncio.create_task(self._run())

    async def disconnect(self, code: int) -> None:
        if self.running is not None:
            self.running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.running

    async def _run(self) -> None:
        translation.activate(self._language())  # in this task only
        beating = asyncio.create_task(self._beat())
        code = TRY_AGAIN
        try:
            code = await self._show()
        except AWAY as error:
            logger.warning("live battle broke off: %s", str(error).partition("\n")[0])
        except Exception:  # the one last resort: the browser reconnects and resumes
            logger.exception("live battle broke off")
        finally:
            beating.cancel()
        await self.close(code)

    async def _show(self) -> int:
        """Stream the battle until it ends. Returns the close code."""
        answers = await database_sync_to_async(self._own_answers, thread_sensitive=False)()
        if not answers:
            return NO_SUCH_BATTLE
        await self._forward(answers)
        return OVER

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(LIVE.beat_s)
            await self.send_json({"op": "beat"})

    async def _forward(self, answers: dict[Side, Answer]) -> None:
        live = LiveTurn(self._position())
        sides = {str(answer.stream): side for side, answer in answers.items()}
        looked, now = time.monotonic(), self._now()
        async with tails.watch(sides) as watch:
            while not live.complete(now):  # as of the last frame: all is sent before "ready"
                await self._wait(watch, live)
                absorb(watch, live, sides)
                every = LIVE.look_s if live.uncertain(self._now()) else LIVE.look_idly_s
                if time.monotonic() - looked > every:
                    looked = time.monotonic()
                    if not await self._ask_database(live, answers):
                        return
                now = self._now()
                if frame := await self._frame(live, now):
                    await self.send_json(frame)
        notes = {side.value: note(pane.reason) for side, pane in live.panes.items()}
        await self.send_json({"op": "ready", "notes": notes})

    async def _frame(self, live: LiveTurn, now: float) -> dict[str, Any] | None:
        """A few words render in a fraction of a millisecond. A long text, as after a reconnect, is
        rendered in a thread, so that it does not block the other battles."""
        return await asyncio.to_thread(live.frame, now) if live.leaps(now) else live.frame(now)

    async def _wait(self, watch: Watch, live: LiveTurn) -> None:
        """Wait for the clock's next tick while it runs, otherwise for new entries. Once words have
        arrived, it returns at most once a tick."""
        if live.waits(self._now()):
            await watch.wait(LIVE.read_s)
        if live.begun:
            await asyncio.sleep(live.pause(self._now()))
            watch.check()

    async def _ask_database(self, live: LiveTurn, answers: dict[Side, Answer]) -> bool:
        """Learn from the database what the streams may not say: that an answer is stored, or that
        the battle is void or over. False if it is."""
        seen = await look(answers[Side.A].turn)
        if seen.wait != self.told and not live.begun:
            self.told = seen.wait
            await self.send_json({"op": "queue", "message": queue_message(seen.wait)})
        if seen.farewell:
            await self.send_json({"op": "void", "message": gettext(seen.farewell)})
            return False
        if seen.is_over:
            await self.send_json({"op": "over"})
            return False
        for side, answer in seen.answers.items():
            if answer.state == Answer.State.DONE:
                live.finish(side, answer, self._now())
        return True

    def _now(self) -> float:
        """Seconds since the epoch by the broker's clock."""
        return time.monotonic() + self.ahead

    def _position(self) -> Position:
        return Position.parse(self._asked("at"))

    def _language(self) -> str:
        language = self._asked("lang")
        return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    def _asked(self, name: str) -> str:
        query: dict[str, list[str]] = parse_qs(
            self.scope["query_string"].decode("ascii", "replace")
        )
        return query.get(name, [""])[0]

    def _own_answers(self) -> dict[Side, Answer]:
        """The answers of the last turn, if the battle belongs to the visitor. One query, as it
        delays the first words."""
        headers: dict[bytes, bytes] = dict(self.scope["headers"])
        voter = key_of(parse_cookie(headers.get(b"cookie", b"").decode("latin-1")))
        if voter is None:
            return {}
        public_id: str = self.scope["url_route"]["kwargs"]["public_id"]
        own = Answer.objects.filter(
            turn__battle__public_id=public_id, turn__battle__voter__key=voter
        )
        last = own.select_related("turn__battle").order_by("-turn__number")[: len(Side)]
        self.ahead = broker.now() - time.monotonic()
        return {Side(answer.side): answer for answer in last}


def queue_message(wait: Wait) -> str:
    """What the voter is told about the queue; "" if there is none."""
    if not wait.ahead:
        return ""
    said = ngettext(
        "One answer is ahead of yours: about %(seconds)d s.",
        "%(ahead)d answers are ahead of yours: about %(seconds)d s.",
        wait.ahead,
    )
    return said % {"ahead": wait.ahead, "seconds": wait.seconds}


def absorb(watch: Watch, live: LiveTurn, sides: dict[str, Side]) -> None:
    """Pass new entries to the turn."""
    for stream, entry in watch.take():
        live.absorb(sides[stream], entry)
