"""A chat as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from ..limits import PROMPTS
from ..markdown import blocks
from ..models import Chat, Contestant, Reply
from ..models.generated import Generated
from . import replying


@dataclass(frozen=True)
class ReplyView:
    """What one model says in one turn."""

    reply: Reply

    @property
    def side(self) -> str:
        return self.reply.side

    @property
    def contestant(self) -> Contestant:
        return self.reply.revision.contestant

    @property
    def is_written(self) -> bool:
        """Whether it is being written."""
        return self.reply.state == Generated.State.QUEUED

    @cached_property
    def blocks(self) -> list[SafeString]:
        return blocks(replying.written(self.reply) if self.is_written else self.reply.text)

    @property
    def note(self) -> str:
        return replying.ending(self.reply)


@dataclass(frozen=True)
class ChatTurnView:
    number: int
    prompt: str
    replies: list[ReplyView]


class ChatView:
    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.id = chat.public_id

    @property
    def contestants(self) -> list[Contestant]:
        return [revision.contestant for revision in self.chat.revisions.values()]

    @property
    def is_alone(self) -> bool:
        """Whether it is with one model only."""
        return len(self.chat.revisions) == 1

    @cached_property
    def turns(self) -> list[ChatTurnView]:
        turns = self.chat.turns.prefetch_related("replies__revision__contestant")
        return [
            ChatTurnView(turn.number, turn.prompt, [ReplyView(each) for each in turn.replies.all()])
            for turn in turns
        ]

    @cached_property
    def is_streaming(self) -> bool:
        return any(reply.is_written for reply in self.turns[-1].replies)

    @property
    def can_continue(self) -> bool:
        has_failed = any(
            each.reply.state == Generated.State.FAILED for each in self.turns[-1].replies
        )
        return not has_failed and len(self.turns) < PROMPTS.turns
