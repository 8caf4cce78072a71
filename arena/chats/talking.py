"""Begins chats with the models that a visitor has chosen, and continues them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from inference.contract.limits import COUNTING
from inference.contract.presence import live_workers

from .. import broker
from ..battles.turns import checked_prompt
from ..errors import Code, Refused
from ..generating import dispatch
from ..limits import PROMPTS
from ..matchmaking import fair_share, fitting, live_pairs
from ..matchmaking.waiting import slots_of
from ..models import Chat, ChatTurn, Flag, Reply, Revision, Side, Voter
from ..models.generated import Generated
from ..moderating import checking
from ..transactions import retried
from . import replying
from .replying import life

Sides = dict[Side, Revision]


def choices() -> list[Revision]:
    """The models that can be chosen now, by name."""
    return sorted(live_pairs.in_service(), key=lambda each: each.contestant.name.casefold())


@broker.needed_for_prompt()
def begin(voter: Voter, slugs: Iterable[str], prompt: str, anyway: str = "") -> Chat:
    """Start a chat with the models of those slugs, one or two. Raises Refused, and stores nothing,
    if that is impossible."""
    prompt = checked_prompt(prompt)
    sides = _chosen([slug for slug in slugs if slug])
    flags = checking.admit(prompt, anyway, Flag.About.CHAT)
    chat = begin_with(sides, prompt, Chat(voter=voter))
    checking.record(flags)
    return chat


def begin_with(sides: Sides, prompt: str, chat: Chat) -> Chat:
    """Start `chat`, which belongs to somebody already, with these models. Raises Refused."""
    talks = {side: dispatch.talk(each.system_prompt, (), prompt) for side, each in sides.items()}
    _check(sides, talks, chat.voter)
    streams = _streams(sides)
    chat.revision_a, chat.revision_b = sides[Side.A], sides.get(Side.B)
    with fair_share.claimed(chat.voter, sides.values()), transaction.atomic():
        chat.save()
        _add_turn(chat, 1, prompt, streams)
    return chat


@broker.needed_for_prompt()
def continue_(chat: Chat, prompt: str, anyway: str = "") -> ChatTurn:
    """Ask the same models a follow-up. Raises Refused."""
    prompt = checked_prompt(prompt)
    last = chat.turns.latest("number")
    _check_can_continue(last)
    flags = checking.admit(prompt, anyway, Flag.About.CHAT) if chat.voter else []
    said = {side: _with(last, side, prompt) for side in chat.revisions}
    _check(chat.revisions, said, chat.voter)
    turn = _continue(chat, last, prompt, _streams(chat.revisions))
    checking.record(flags)
    return turn


def stop(chat: Chat) -> None:
    """End its replies under way at the words that have arrived."""
    for reply in life.underway().filter(turn__chat=chat):
        replying.stop(reply)


def _chosen(slugs: list[str]) -> Sides:
    served = {each.contestant.slug: each for each in live_pairs.in_service()}
    if not slugs or len(slugs) > len(Side) or len(set(slugs)) < len(slugs):
        raise Refused(
            _("Choose one model, or two different ones."), code=Code.NO_SUCH_CHOICE, status=400
        )
    if any(slug not in served for slug in slugs):
        raise Refused(
            _("A model that you chose cannot answer right now. Choose another one."),
            code=Code.NOT_IN_SERVICE,
            status=503,
        )
    return {side: served[slug] for side, slug in zip(Side, slugs, strict=False)}


def _check(sides: Sides, talks: dict[Side, dispatch.Messages], voter: Voter | None) -> None:
    """Raises Refused if a queue is full, or if the talk is too long for a model."""
    slots, queues = slots_of(live_workers(broker.connection())), fair_share.Queues.seen_by(voter)
    if any(queues.is_full(each.service, slots.get(each.service, 0)) for each in sides.values()):
        raise Refused(
            _("Many people are asking right now. Your prompt is kept; try again in half a minute."),
            code=Code.BUSY,
            status=503,
        )
    fits = fitting.fits(list(sides.values()), [talks[side] for side in sides], COUNTING.patience_s)
    for revision, fit in zip(sides.values(), fits, strict=True):
        if fit.is_too_long:
            raise _too_long(revision)


def _too_long(revision: Revision) -> Refused:
    said = _("With this prompt the conversation is too long for {model}. Shorten it.")
    return Refused(said.format(model=revision.contestant), code=Code.LONG_PROMPT, status=400)


def _with(last: ChatTurn, side: Side, prompt: str) -> dispatch.Messages:
    said = last.replies.get(side=side)
    return [
        *life.messages(said),
        {"role": "assistant", "content": said.text},
        {"role": "user", "content": prompt},
    ]


def _check_can_continue(last: ChatTurn) -> None:
    if last.replies.filter(state=Generated.State.QUEUED).exists():
        raise _unfinished()
    if last.replies.filter(state=Generated.State.FAILED).exists():
        raise Refused(
            _("A model could not reply, so this chat is over. Start a new one."),
            code=Code.BATTLE_OVER,
        )
    if last.number >= PROMPTS.turns:
        raise Refused(
            _("A chat has at most {turns} turns. Start a new one.").format(turns=PROMPTS.turns),
            code=Code.TOO_MANY_TURNS,
        )


@retried
def _continue(chat: Chat, last: ChatTurn, prompt: str, streams: dict[Side, UUID]) -> ChatTurn:
    chat = Chat.objects.select_for_update(no_key=True).get(pk=chat.pk)
    if chat.turns.count() > last.number:  # another tab was quicker
        raise _unfinished()
    return _add_turn(chat, last.number + 1, prompt, streams)


def _streams(sides: Sides) -> dict[Side, UUID]:
    return {side: dispatch.new_stream() for side in sides}


def _add_turn(chat: Chat, number: int, prompt: str, streams: dict[Side, UUID]) -> ChatTurn:
    turn = ChatTurn.objects.create(chat=chat, number=number, prompt=prompt)
    for side, revision in chat.revisions.items():
        dispatch.start(life, Reply(turn=turn, side=side, revision=revision, stream=streams[side]))
    return turn


def _unfinished() -> Refused:
    return Refused(
        _("The replies are still being written. Send your next prompt when they are complete."),
        code=Code.UNFINISHED,
    )
