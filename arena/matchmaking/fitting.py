"""Whether a prompt fits the context of the models that could answer it, before a battle begins.

Most prompts are so short that their size in bytes proves it, as a token is at least a byte. For the
others the workers count the tokens exactly; if none replies in time, an estimate is used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext

from inference.contract.cards import Card, cards_of
from inference.contract.counting import Question, ask
from inference.contract.limits import COUNTING
from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import about_tokens

from .. import broker
from ..errors import Code, Refused
from ..generating import dispatch
from ..models import Revision, Turn
from ..plurals import local

Messages = list[dict[str, str]]
FITS_ALL_BYTES = 500  # a prompt up to this size fits any model
OTHER_FRAME = 8  # tokens around each message at an API, at most


@dataclass(frozen=True)
class Fit:
    """The size of a conversation, and a model's room for it [tokens]."""

    tokens: int
    room: int

    @property
    def is_too_long(self) -> bool:
        return self.tokens > self.room


@dataclass(frozen=True)
class Ask:
    """A conversation that a revision would answer, and what is known of the model's context."""

    revision: Revision
    messages: Messages
    context: int  # tokens; 0 if unknown
    frame: int  # tokens that the template adds to a message, at most; 0 if unknown

    @property
    def room(self) -> int:
        """Tokens left for the prompt: the context without the longest answer, of which at most
        half of the context is reserved."""
        if not self.context:
            return sys.maxsize
        return self.context - min(self.revision.max_tokens, self.context // 2)

    @property
    def most(self) -> int:
        """An upper bound of the tokens."""
        said = sum(len(each["content"].encode(errors="replace")) for each in self.messages)
        return said + self.frame * len(self.messages)

    @property
    def about(self) -> int:
        said = sum(about_tokens(each["content"]) for each in self.messages)
        return said + self.frame

    @property
    def is_sure(self) -> bool:
        return self.context == 0 or (self.frame > 0 and self.most <= self.room)

    @property
    def question(self) -> Question:
        return Question(self.revision.weights, self.messages, self.revision.prompt_format)


def among(revisions: Sequence[Revision], prompt: str, *, patience_s: float) -> list[Revision]:
    """The revisions that `prompt` fits. Raises Refused if fewer than two are left because of it."""
    if len(prompt.encode(errors="replace")) <= FITS_ALL_BYTES:
        return list(revisions)
    talks = [dispatch.opening(revision.system_prompt, prompt) for revision in revisions]
    sizes = fits(revisions, talks, patience_s)
    fitting = [each for each, fit in zip(revisions, sizes, strict=True) if not fit.is_too_long]
    if len(fitting) < 2 <= len(revisions):
        raise _too_long(sizes)
    return fitting


def has_room(revision: Revision, prompt: str) -> bool:
    """Whether `prompt` fits, without asking the workers."""
    [fit] = fits([revision], [dispatch.opening(revision.system_prompt, prompt)], 0)
    return not fit.is_too_long


def check_follow_up(turn: Turn, prompt: str, revisions: Sequence[tuple[str, Revision]]) -> None:
    """Raises Refused if the conversation with `prompt` is too long for one of the sides. Does not
    say which one or by how much, as that would reveal something about its contestant."""
    talks = [_with(turn, side, revision, prompt) for side, revision in revisions]
    sizes = fits([revision for _, revision in revisions], talks, COUNTING.patience_s)
    if any(fit.is_too_long for fit in sizes):
        raise Refused(
            gettext(
                "With this prompt the conversation is too long for at least one of the two models. "
                "Shorten it and send it again, or vote now and start a new battle."
            ),
            code=Code.LONG_PROMPT,
            status=400,
        )


def _with(turn: Turn, side: str, revision: Revision, prompt: str) -> Messages:
    said = turn.answers.get(side=side).text
    return [
        *dispatch.conversation(turn, side, revision.system_prompt),
        {"role": "assistant", "content": said},
        {"role": "user", "content": prompt},
    ]


def _too_long(sizes: Sequence[Fit]) -> Refused:
    tokens = min(fit.tokens for fit in sizes if fit.is_too_long)
    room = sorted(fit.room for fit in sizes)[-2]
    return Refused(
        gettext(
            "This prompt is too long for the models here: it is about %(tokens)s tokens, and they "
            "take %(room)s. A token is a short word or a part of one. Shorten it and send it again."
        )
        % {"tokens": local(f"{tokens:,}"), "room": local(f"{room:,}")},
        code=Code.LONG_PROMPT,
        status=400,
    )


def fits(revisions: Sequence[Revision], talks: Sequence[Messages], patience_s: float) -> list[Fit]:
    """How each conversation fits its revision. Without patience the workers are not asked."""
    asks = _asks(revisions, talks)
    counted = _counted([each for each in asks if not each.is_sure], patience_s)
    return [Fit(counted.get(_key(each), 0), each.room) for each in asks]


def _asks(revisions: Sequence[Revision], talks: Sequence[Messages]) -> list[Ask]:
    local = sorted({each.weights for each in revisions if not each.is_remote})
    cards = cards_of(broker.connection(), local)
    contexts = _contexts(live_workers(broker.connection()))
    return [
        Ask(revision, talk, *_known(revision, cards.get(revision.weights), contexts))
        for revision, talk in zip(revisions, talks, strict=True)
    ]


def _contexts(workers: Sequence[Heartbeat]) -> dict[str, int]:
    """The smallest context by service: any of its workers may get the prompt."""
    contexts: dict[str, int] = {}
    for worker in workers:
        for service in worker.serves if worker.context else ():
            contexts[service] = min(worker.context, contexts.get(service, worker.context))
    return contexts


def _known(revision: Revision, card: Card | None, contexts: dict[str, int]) -> tuple[int, int]:
    """The context and the frame; 0 for what is unknown."""
    if revision.is_remote:
        return revision.contestant.context_length or 0, OTHER_FRAME
    trained = card.context if card else 0
    context = min((c for c in (trained, contexts.get(revision.weights, 0)) if c), default=0)
    if revision.prompt_format:  # a frame is at most as long as the template
        return context, len(revision.prompt_format.encode())
    return context, card.frame_tokens if card else 0


def _counted(asks: Sequence[Ask], patience_s: float) -> dict[tuple[object, ...], int]:
    """Token counts by conversation: exact for local weights, estimates for APIs."""
    different = {_key(each): each for each in asks}
    local = {key: each for key, each in different.items() if not each.revision.is_remote}
    asked = dict(islice(local.items(), COUNTING.most_asked if patience_s else 0))
    questions = [each.question for each in asked.values()]
    counts = dict(zip(asked, ask(broker.connection(), questions, patience_s), strict=True))
    return {key: counts.get(key) or each.about for key, each in different.items()}


def _key(asked: Ask) -> tuple[object, ...]:
    revision = asked.revision
    said = tuple(each["content"] for each in asked.messages)
    return (revision.service, revision.remote_model, revision.prompt_format, said)
