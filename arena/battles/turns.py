"""Begins battles with a prompt, and continues them with further prompts."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from inference.contract import traces

from .. import broker, counters
from ..errors import Code, Refused
from ..generating import dispatch
from ..limiting import open_battles
from ..limits import PROMPTS
from ..matchmaking import fair_share, fitting, live_pairs
from ..models import Answer, Battle, Campaign, Flag, Revision, Side, Turn, Voter
from ..moderating import checking
from ..plurals import local
from ..showing import replay
from ..transactions import lock, retried
from . import languages
from .admission import check_begin, check_follow_up
from .answering import life

Sides = dict[Side, tuple[Revision, UUID]]  # who answers, and to which stream


@broker.needed_for_prompt()
def begin(voter: Voter, prompt: str, campaign: Campaign | None = None, anyway: str = "") -> Battle:
    """Draw a pair, store the battle and its first turn, and start both answers, in a live campaign,
    by default that of the front page. `anyway` says that the voter was warned about this prompt.
    Raises Refused, and stores nothing, if that is impossible."""
    prompt = checked_prompt(prompt)
    campaign = campaign or Campaign.live()
    check_begin(campaign, voter)
    languages.check(campaign, prompt)
    flags = checking.admit(prompt, anyway)
    draw = live_pairs.draw_pair(campaign, prompt, voter)
    sides = _prepared({Side.A: draw.a, Side.B: draw.b})
    with fair_share.claimed(voter, (draw.a, draw.b)), transaction.atomic():
        open_battles.check_own(voter)  # again: of many at the same moment, each has found none
        battle = Battle.objects.create(
            campaign=campaign,
            voter=voter,
            contestant_a=draw.a.contestant,
            contestant_b=draw.b.contestant,
            selection_probability=draw.probability,
            policy=draw.policy,
        )
        _add_turn(battle, 1, prompt, sides)
        checking.record(flags, battle, 1)
    counters.add("battles", campaign=campaign.slug)
    traces.join(traces.of(battle.public_id), is_root=True)
    return battle


@broker.needed_for_prompt()
def continue_(battle: Battle, prompt: str, anyway: str = "") -> Turn:
    """Add a turn, answered by the same revisions of the same two contestants. Raises Refused."""
    prompt = checked_prompt(prompt)
    last = battle.turns.get(number=battle.turns.count())
    _check_can_continue(battle, last)
    if not replay.is_shown(last):
        raise _unfinished()
    languages.check(battle.campaign, prompt)
    flags = checking.admit(prompt, anyway)
    revisions = _revisions(last)
    fitting.check_follow_up(last, prompt, list(revisions.items()))
    return _continue(battle, last, prompt, _prepared(revisions), flags)


@retried
def _continue(battle: Battle, last: Turn, prompt: str, sides: Sides, flags: list[Flag]) -> Turn:
    battle = lock(battle.pk)
    _check_can_continue(battle, last)
    if battle.turns.count() > last.number:  # another tab was quicker
        raise _unfinished()
    checking.record(flags, battle, last.number + 1)
    return _add_turn(battle, last.number + 1, prompt, sides)


def _revisions(turn: Turn) -> dict[Side, Revision]:
    answers = turn.answers.select_related("revision__contestant")
    return {Side(answer.side): answer.revision for answer in answers}


def checked_prompt(prompt: str) -> str:
    prompt = prompt.replace("\r\n", "\n").replace("\0", "").strip()
    if not prompt:
        raise Refused(gettext("Write a prompt first."), code=Code.EMPTY_PROMPT, status=400)
    if len(prompt) > PROMPTS.characters:
        raise Refused(
            gettext(
                "The prompt has %(characters)s characters; the limit is %(most)s. Shorten it and "
                "send it again."
            )
            % {"characters": local(f"{len(prompt):,}"), "most": local(f"{PROMPTS.characters:,}")},
            code=Code.LONG_PROMPT,
            status=400,
        )
    return prompt


def _prepared(revisions: dict[Side, Revision]) -> Sides:
    """Give each revision a stream. Raises RedisError, before anything is stored, if the broker is
    unavailable."""
    return {side: (revision, dispatch.new_stream()) for side, revision in revisions.items()}


def _add_turn(battle: Battle, number: int, prompt: str, sides: Sides) -> Turn:
    turn = Turn.objects.create(battle=battle, number=number, prompt=prompt)
    for side, (revision, stream) in sides.items():
        dispatch.start(life, Answer(turn=turn, side=side, revision=revision, stream=stream))
    return turn


def _check_can_continue(battle: Battle, last: Turn) -> None:
    if battle.state != Battle.State.OPEN:
        raise Refused(gettext("This battle is over. Start a new one."), code=Code.BATTLE_OVER)
    if battle.campaign.kind != Campaign.Kind.LIVE:
        raise Refused(
            gettext("These answers were prepared in advance, so no follow-up is possible."),
            code=Code.PREPARED,
        )
    check_follow_up(battle)
    if last.number >= PROMPTS.turns:
        raise Refused(
            gettext("A battle has at most %(turns)s turns. Vote now, then start a new one.")
            % {"turns": PROMPTS.turns},
            code=Code.TOO_MANY_TURNS,
        )


def _unfinished() -> Refused:
    return Refused(
        gettext(
            "The answers are still being written. Send your next prompt when both are complete."
        ),
        code=Code.UNFINISHED,
    )
