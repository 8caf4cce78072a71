"""The live chat: frames as those of a battle (`consumer`), each reply as it arrives."""

from __future__ import annotations

import asyncio

from channels.db import database_sync_to_async

from people.signing_in.sessions import user_of

from ..battles import watching
from ..chats import trials
from ..chats.replying import ending
from ..limits import LIVE
from ..models import Chat, Reply, Side
from ..models.generated import Generated
from ..showing.chat import LiveChat
from ..showing.clock import TICK_S
from .live import NOT_FOUND, OVER, LiveConsumer, tails
from .looks import Looking


class ChatConsumer(LiveConsumer):
    """Streams the last turn of a chat to its own voter."""

    async def show(self) -> int:
        replies = await self._look()
        if not replies:
            return NOT_FOUND
        if self.is_of_another_turn(replies[Side.A].turn.number):
            await self.send_json({"op": "over"})
            return OVER
        live = LiveChat(replies)
        self._take(live, replies)
        await self._send(live)
        sides = {str(reply.stream): side for side, reply in replies.items()}
        async with tails.watch(sides) as watch, Looking(self._look, watch.news) as looking:
            while not live.is_complete:
                await watch.wait(LIVE.read_s)
                for stream, entry in watch.take():
                    live.absorb(sides[stream], entry)
                every = LIVE.look_s if live.is_uncertain else LIVE.look_idly_s
                if (seen := looking.seen(every)) is not None:
                    if not seen:  # deleted, or its author has signed out
                        return NOT_FOUND
                    self._take(live, seen)
                await self._send(live)
        replies = await self._look()
        notes = {side.value: ending(reply) for side, reply in replies.items()}
        goes_on = all(reply.state == Generated.State.DONE for reply in replies.values())
        await self.send_json({"op": "ready", "notes": notes, "goes_on": goes_on})
        return OVER

    def _take(self, live: LiveChat, replies: dict[Side, Reply]) -> None:
        for reply in replies.values():
            if reply.state != Generated.State.QUEUED:
                live.finish(reply, self.now())

    async def _send(self, live: LiveChat) -> None:
        """A long text is rendered in a thread, so that it does not block the other pages."""
        frame = await asyncio.to_thread(live.frame) if live.leaps else live.frame()
        if frame:
            await self.send_json(frame)
            await asyncio.sleep(TICK_S)

    async def _look(self) -> dict[Side, Reply]:
        found: dict[Side, Reply] = await database_sync_to_async(
            self._own_replies, thread_sensitive=False
        )()
        return found

    def chat(self) -> Chat | None:
        """The chat, if it belongs to the visitor."""
        if (voter := self.voter) is None:
            return None
        return Chat.objects.filter(public_id=self.public_id, voter__key=voter).first()

    def _own_replies(self) -> dict[Side, Reply]:
        """The replies of the last turn, if the chat belongs to whoever is connected."""
        if (chat := self.chat()) is None:
            return {}
        watching.note(chat)
        self.set_clock()
        last = chat.turns.latest("number").replies.select_related("revision", "turn")
        return {Side(reply.side): reply for reply in last}


class TrialConsumer(ChatConsumer):
    """Streams a chat in which staff try a contestant to its author, while they are signed in."""

    def chat(self) -> Chat | None:
        if (user := user_of(self.scope["session"].session_key)) is None:
            return None
        return trials.own(user).filter(public_id=self.public_id).first()
