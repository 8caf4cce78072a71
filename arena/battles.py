"""A battle from its first prompt to its end: begun, continued, answered, recovered, voided."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from inference.endings import FinishReason
from inference.requests import GenerateResult

from . import broker, campaigns, dispatch, fitting, matchmaking, resting, showing
from .errors import Refusal
from .models import Answer, Battle, Campaign, Revision, Side, Turn, Voter
from .models.written import FIGURES
from .transactions import lock, retried

MAX_PROMPT = 30_000  # characters
MAX_TURNS = 50
MAX_ATTEMPTS = 2  # of one contestant at one answer
MAX_LOST = 4  # where the last one was not the contestant's fault

APOLOGY = (
    "Sorry: one of the two answers could not be finished, so this battle does not count. "
    "Nothing you did caused it. Please start a new one."
)
TOO_MUCH = (
    "One of the two models could not take this conversation: it is too long for it, or not allowed "
    "where it runs. So this battle does not count. Please start a new one with a shorter prompt."
)
OF_PROMPT = "not a prompt for this model: "  # so begins the reason why the prompt is to blame
NOTHING_WRITTEN = (
    "This battle was stopped before both models had answered, so there is nothing to compare."
)
UNWATCHED = "nobody watched, and nothing was shown"  # and this why it was stopped
NOBODY_THERE = (
    "Nobody was watching, so this battle was stopped before both models had answered. "
    "Please start a new one."
)
OVERDUE = "it waited too long in the queue"  # again it would wait as long

Sides = dict[Side, tuple[Revision, UUID]]  # who answers, and to which stream


class Lost(StrEnum):
    """What became of an attempt that nobody can blame on the model."""

    TASK = "its task was lost"
    RESULT = "its result was lost"
    STREAM = "its stream was lost"


@broker.needed_for_prompt()
def begin(voter: Voter, prompt: str) -> Battle:
    """Draw a pair, store the battle and its first turn, and set both answers going. Raises Refusal,
    and stores nothing, if that cannot be."""
    prompt = checked_prompt(prompt)
    campaign = Campaign.live()
    campaigns.check_dates(campaign)  # set before they were refused for a live campaign
    draw = matchmaking.draw_pair(campaign, prompt)
    sides = _prepared({Side.A: draw.a, Side.B: draw.b})
    with transaction.atomic():
        battle = Battle.objects.create(
            campaign=campaign,
            voter=voter,
            contestant_a=draw.a.contestant,
            contestant_b=draw.b.contestant,
            selection_probability=draw.probability,
            policy=draw.policy,
        )
        _add_turn(battle, 1, prompt, sides)
    return battle


@broker.needed_for_prompt()
def continue_(battle: Battle, prompt: str) -> Turn:
    """Add a turn: the same two contestants, with the same revisions, answer on."""
    prompt = checked_prompt(prompt)
    last = battle.turns.get(number=battle.turns.count())
    _check_can_continue(battle, last)
    if not showing.is_shown(last):
        raise _unfinished()
    revisions = _revisions(last)
    fitting.check_follow_up(last, prompt, list(revisions.items()))
    return _continue(battle, last, prompt, _prepared(revisions))


@retried
def _continue(battle: Battle, last: Turn, prompt: str, sides: Sides) -> Turn:
    battle = lock(battle.pk)
    _check_can_continue(battle, last)
    if battle.turns.count() > last.number:  # another tab was quicker
        raise _unfinished()
    return _add_turn(battle, last.number + 1, prompt, sides)


def _revisions(turn: Turn) -> dict[Side, Revision]:
    answers = turn.answers.select_related("revision__contestant")
    return {Side(answer.side): answer.revision for answer in answers}


def checked_prompt(prompt: str) -> str:
    prompt = prompt.replace("\r\n", "\n").replace("\0", "").strip()
    if not prompt:
        raise Refusal("Write a prompt first.", code="empty_prompt", status=400)
    if len(prompt) > MAX_PROMPT:
        raise Refusal(
            f"The prompt has {len(prompt):,} characters; at most {MAX_PROMPT:,} are possible. "
            "Shorten it and send it again.",
            code="long_prompt",
            status=400,
        )
    return prompt


def record(answer_id: int, result: GenerateResult) -> None:
    """Write an answer down, once; a failed attempt goes to `recover`."""
    answer = Answer.objects.select_related("turn", "revision").filter(pk=answer_id).first()
    if answer is None:
        return
    if result.finish_reason is FinishReason.CANCELLED:  # not by the voter's Stop, which writes
        is_present = recover(answer_id, result.attempt, Lost.STREAM)
    elif result.finish_reason is FinishReason.OVERDUE:
        is_present = recover(answer_id, result.attempt, OVERDUE)
    elif result.finish_reason is FinishReason.ERROR or not result.text.strip():
        reason = OF_PROMPT * result.of_prompt + (result.error or "an empty answer")
        is_present = recover(answer_id, result.attempt, reason, retry=not result.permanent)
        if is_present:
            resting.note_failure(answer, reason, of_prompt=result.of_prompt)
    else:
        is_present = _write_down(answer_id, result)
        if is_present:
            resting.end(answer.revision)
    if not is_present:
        _add_figures(answer_id, result)


@retried
def _write_down(answer_id: int, result: GenerateResult) -> bool:
    """Whether it was still wanted."""
    if (answer := _underway(answer_id, result.attempt)) is None:
        return False
    answer.state = Answer.State.DONE
    answer.take(result)
    answer.save()
    transaction.on_commit(partial(dispatch.tell_stored, answer))
    return True


def _add_figures(answer_id: int, result: GenerateResult) -> None:
    """What making a stopped answer took comes after the answer, which stays as it was seen."""
    stopped = Answer.objects.filter(
        pk=answer_id, state=Answer.State.DONE, attempt=result.attempt, total_s=None
    )
    told = {name: Answer.storable(name, getattr(result, name)) for name in FIGURES}
    figures = {name: value for name, value in told.items() if value}
    stopped.filter(turn__stopped=True).update(**figures)


def recover(answer_id: int, attempt: int, reason: str, *, retry: bool = True) -> bool:
    """An attempt came to nothing: try again, else swap the contestant, else void the battle. False
    if it was not the present one. Raises what is `broker.AWAY`, as the broker is asked who could
    take over: before anything is locked."""
    retry = retry and reason != OVERDUE
    substitute = _substitute(answer_id, attempt, reason, retry=retry)
    try:
        return _recover(answer_id, attempt, reason, substitute, retry=retry)
    except _Taken:
        return recover(answer_id, attempt, reason, retry=retry)


class _Taken(Exception):
    """The other side has drawn the same substitute."""


def farewell(battle: Battle) -> str:
    """What to tell the voter of a void battle."""
    if OF_PROMPT in battle.void_reason:
        return TOO_MUCH
    if battle.void_reason == UNWATCHED:
        return NOBODY_THERE
    return NOTHING_WRITTEN if battle.turns.filter(stopped=True).exists() else APOLOGY


@retried
def void(battle: Battle, reason: str) -> None:
    """End a battle without a vote, with an apology to its voter."""
    battle = lock(battle.pk)
    if battle.state == Battle.State.OPEN:
        battle.state, battle.void_reason = Battle.State.VOID, reason[:300]
        battle.save(update_fields=["state", "void_reason"])
    underway = Answer.objects.filter(turn__battle=battle, state=Answer.State.QUEUED)
    for answer in underway:
        transaction.on_commit(partial(dispatch.cancel, answer.stream))
    underway.update(state=Answer.State.FAILED, error=reason)


def _underway(answer_id: int, attempt: int) -> Answer | None:
    """The answer, its battle locked, while this attempt at it is the present one."""
    battle_id = Answer.objects.filter(pk=answer_id).values_list("turn__battle", flat=True).first()
    if battle_id is None:
        return None
    battle = lock(battle_id)
    answer = Answer.objects.select_related("turn", "revision").get(pk=answer_id)
    answer.turn.battle = battle
    is_present = answer.state == Answer.State.QUEUED and answer.attempt == attempt
    return answer if is_present else None


def _substitute(answer_id: int, attempt: int, reason: str, *, retry: bool) -> Revision | None:
    """Who could blindly be put in, if the voter has seen nothing of this one."""
    answers = Answer.objects.select_related("turn__battle__contestant_a")
    answers = answers.select_related("turn__battle__contestant_b")
    answer = answers.filter(pk=answer_id, attempt=attempt, state=Answer.State.QUEUED).first()
    if answer is None or answer.turn.battle.state != Battle.State.OPEN:
        return None
    if (retry and _has_tries(answer, reason)) or answer.turn.number > 1:
        return None
    if answer.swapped_at_attempt or dispatch.has_shown_text(answer):
        return None
    battle = answer.turn.battle
    present = (battle.contestant_a, battle.contestant_b)
    return matchmaking.draw_replacement(present, answer.turn.prompt)


@retried
def _recover(
    answer_id: int, attempt: int, reason: str, substitute: Revision | None, *, retry: bool
) -> bool:
    if (answer := _underway(answer_id, attempt)) is None:
        return False
    answer.error = f"attempt {answer.attempt}: {reason}"
    battle = answer.turn.battle
    if battle.state != Battle.State.OPEN:
        answer.state = Answer.State.FAILED
        answer.save()
    elif retry and _has_tries(answer, reason):
        _try_again(answer)
    elif substitute is not None:
        _swap(answer, substitute)
    else:
        answer.save()
        void(battle, f"side {answer.side}: {reason}")
    return True


def _has_tries(answer: Answer, reason: str) -> bool:
    tries = answer.attempt - answer.swapped_at_attempt
    return tries < (MAX_LOST if isinstance(reason, Lost) else MAX_ATTEMPTS)


def _swap(answer: Answer, substitute: Revision) -> None:
    battle = answer.turn.battle
    if substitute.contestant_id in (battle.contestant_a_id, battle.contestant_b_id):
        raise _Taken
    setattr(battle, f"contestant_{answer.side.lower()}", substitute.contestant)
    battle.policy = f"{matchmaking.POLICY}/swapped"
    battle.save(update_fields=["contestant_a", "contestant_b", "policy"])
    answer.revision = substitute
    answer.swapped_at_attempt = answer.attempt
    _try_again(answer)


def _try_again(answer: Answer) -> None:
    answer.attempt += 1
    answer.dispatched = Now()
    answer.save()
    transaction.on_commit(partial(dispatch.send, answer))


def _prepared(revisions: dict[Side, Revision]) -> Sides:
    """With a stream each. Raises RedisError: nothing is stored for which there is no broker."""
    return {side: (revision, dispatch.new_stream()) for side, revision in revisions.items()}


def _add_turn(battle: Battle, number: int, prompt: str, sides: Sides) -> Turn:
    turn = Turn.objects.create(battle=battle, number=number, prompt=prompt)
    answers = Answer.objects.bulk_create(  # Now() is one clock for all
        Answer(turn=turn, side=side, revision=revision, stream=stream, dispatched=Now())
        for side, (revision, stream) in sides.items()
    )
    for answer in answers:
        transaction.on_commit(partial(dispatch.send, answer))
    return turn


def _check_can_continue(battle: Battle, last: Turn) -> None:
    if battle.state != Battle.State.OPEN:
        raise Refusal("This battle is over. Start a new one.", code="battle_over")
    if battle.campaign.kind != Campaign.Kind.LIVE:
        raise Refusal(
            "These answers were made beforehand: nobody can answer a follow-up.", code="prepared"
        )
    if last.number >= MAX_TURNS:
        raise Refusal(
            f"A battle has at most {MAX_TURNS} turns. Vote now, then start a new one.",
            code="too_many_turns",
        )


def _unfinished() -> Refusal:
    return Refusal(
        "The answers are still being written. Send your next prompt when both are complete.",
        code="unfinished",
    )
