"""The live battle: two Redis Streams in, frames out, starting where the browser left off.

Frames are JSON:

- {"op": "text", "at", "panes": [{"side", "keep", "from", "blocks"}, ...]}: new text, always for
  both sides. A pane keeps its first `keep` blocks and appends `blocks`; the first of these
  continues the block it replaces after that block's first `from` characters. It is `complete` once
  the other pane has been shown beyond its end.
- {"op": "ready", "notes"}: both answers are shown and stored, so the voter can vote. For each side
  a note says whether its answer was cut off.
- {"op": "void", "message"}: the battle has ended without a vote.
- {"op": "over"}: its voter has voted, skipped or gone on in another tab; the page reloads.
- {"op": "queue", "message"}: how many answers are queued ahead, and the estimated wait; "" when the
  wait is over.
- {"op": "beat"}: a heartbeat.

When it connects, the browser says the language of its page, and sends back the last `at`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from django.utils.translation import gettext, ngettext

from inference.contract import traces

from ..generating.endings import note
from ..limits import LIVE
from ..matchmaking.waiting import NO_WAIT, Wait
from ..models import Answer, Side
from ..showing.turn import LiveTurn, Position
from .live import NOT_FOUND, OVER, LiveConsumer, tails
from .looks import Look, Looking, look
from .tails import Watch


class BattleConsumer(LiveConsumer):
    """Streams the last turn of a battle to its own voter."""

    told = NO_WAIT

    async def show(self) -> int:
        answers = await database_sync_to_async(self._own_answers, thread_sensitive=False)()
        if not answers:
            return NOT_FOUND
        if self.is_of_another_turn(answers[Side.A].turn.number):
            await self.send_json({"op": "over"})
            return OVER
        await self._forward(answers)
        return OVER

    async def _forward(self, answers: dict[Side, Answer]) -> None:
        live = LiveTurn(self._position())
        sides = {str(answer.stream): side for side, answer in answers.items()}
        now, turn = self.now(), answers[Side.A].turn
        async with tails.watch(sides) as watch, Looking(lambda: look(turn), watch.news) as looking:
            while not live.complete(now):  # as of the last frame: all is sent before "ready"
                await self._wait(watch, live)
                absorb(watch, live, sides)
                every = LIVE.look_s if live.uncertain(self.now()) else LIVE.look_idly_s
                if (seen := looking.seen(every)) and not await self._learn(live, seen):
                    return
                now = self.now()
                if frame := await self._frame(live, now):
                    await self.send_json(frame)
                    traces.happened("first words")
        notes = {side.value: note(pane.reason) for side, pane in live.panes.items()}
        await self.send_json({"op": "ready", "notes": notes})

    async def _frame(self, live: LiveTurn, now: float) -> dict[str, Any] | None:
        """A few words render in a fraction of a millisecond. A long text, as after a reconnect, is
        rendered in a thread, so that it does not block the other battles."""
        return await asyncio.to_thread(live.frame, now) if live.leaps(now) else live.frame(now)

    async def _wait(self, watch: Watch, live: LiveTurn) -> None:
        """Wait for the clock's next tick while it runs, otherwise for new entries. Once words have
        arrived, it returns at most once a tick."""
        if live.waits(self.now()):
            await watch.wait(LIVE.read_s)
        if live.begun:
            await asyncio.sleep(live.pause(self.now()))
            watch.check()

    async def _learn(self, live: LiveTurn, seen: Look) -> bool:
        """Learn from the database what the streams may not say: that an answer is stored, or that
        the battle is void or over. False if it is."""
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
                live.finish(side, answer, self.now())
        return True

    def _position(self) -> Position:
        return Position.parse(self.asked("at"))

    def _own_answers(self) -> dict[Side, Answer]:
        """The answers of the last turn, if the battle belongs to the visitor. One query, as it
        delays the first words."""
        if (voter := self.voter) is None:
            return {}
        own = Answer.objects.filter(
            turn__battle__public_id=self.public_id, turn__battle__voter__key=voter
        )
        last = own.select_related("turn__battle").order_by("-turn__number")[: len(Side)]
        self.set_clock()
        if found := {Side(answer.side): answer for answer in last}:
            traces.join(traces.of(self.public_id))
        return found


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
