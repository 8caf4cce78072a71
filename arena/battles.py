"""A battle from its first prompt to its end: begun, continued, answered, recovered, voided."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

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
OVERDUE = "it waited too long in the queue"  # again it would wait as long


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
    with transaction.atomic():
        battle = Battle.objects.create(
            campaign=campaign,
            voter=voter,
            contestant_a=draw.a.contestant,
            contestant_b=draw.b.contestant,
            selection_probability=draw.probability,
            policy=draw.policy,
        )
        _add_turn(battle, 1, prompt, {Side.A: draw.a, Side.B: draw.b})
    return battle


@broker.needed_for_prompt()
def continue_(battle: Battle, prompt: str) -> Turn:
    """Add a turn: the same two contestants, with the same revisions, answer on."""
    prompt = checked_prompt(prompt)
    last = battle.turns.get(number=battle.turns.count())
    _check_can_continue(battle, last)
    fitting.check_follow_up(last, prompt, list(_revisions(last).items()))  # before any lock
    return _continue(battle, prompt)


@retried
def _continue(battle: Battle, prompt: str) -> Turn:
    battle = lock(battle.pk)
    last = battle.turns.get(number=battle.turns.count())
    _check_can_continue(battle, last)
    return _add_turn(battle, last.number + 1, prompt, _revisions(last))


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


@retried
def record(answer_id: int, result: GenerateResult) -> None:
    """Write an answer down, once; a failed attempt goes to `recover`."""
    answer = _underway(answer_id, result.attempt)
    if answer is None:
        _add_figures(answer_id, result)
        return
    if result.finish_reason is FinishReason.CANCELLED:
        _recover(answer, Lost.STREAM, retry=True)  # not by the voter, whose Stop writes it down
        return
    if result.finish_reason is FinishReason.OVERDUE:
        _recover(answer, OVERDUE, retry=False)
        return
    if result.finish_reason is FinishReason.ERROR or not result.text.strip():
        reason = result.error or "an empty answer"
        if result.of_prompt:
            reason = OF_PROMPT + reason
        resting.note_failure(answer, reason, of_prompt=result.of_prompt)
        _recover(answer, reason, retry=not result.permanent)
        return
    resting.end(answer.revision)
    answer.state = Answer.State.DONE
    answer.take(result)
    answer.save()
    transaction.on_commit(partial(dispatch.tell_stored, answer))


def _add_figures(answer_id: int, result: GenerateResult) -> None:
    """What making a stopped answer took comes after the answer, which stays as it was seen."""
    stopped = Answer.objects.filter(
        pk=answer_id, state=Answer.State.DONE, attempt=result.attempt, total_s=None
    )
    told = {name: Answer.storable(name, getattr(result, name)) for name in FIGURES}
    figures = {name: value for name, value in told.items() if value}
    stopped.filter(turn__stopped=True).update(**figures)


@retried
def recover(answer_id: int, attempt: int, reason: str) -> None:
    """An attempt fell silent: try again, else swap the contestant, else void the battle."""
    if (answer := _underway(answer_id, attempt)) is not None:
        _recover(answer, reason, retry=reason != OVERDUE)


def farewell(battle: Battle) -> str:
    """What to tell the voter of a void battle."""
    if OF_PROMPT in battle.void_reason:
        return TOO_MUCH
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


def _recover(answer: Answer, reason: str, *, retry: bool) -> None:
    answer.error = f"attempt {answer.attempt}: {reason}"
    battle = answer.turn.battle
    tries = answer.attempt - answer.swapped_at_attempt
    if battle.state != Battle.State.OPEN:
        answer.state = Answer.State.FAILED
        answer.save()
    elif retry and tries < (MAX_LOST if isinstance(reason, Lost) else MAX_ATTEMPTS):
        _try_again(answer)
    elif not _swap(answer):
        answer.save()
        void(battle, f"side {answer.side}: {reason}")


def _swap(answer: Answer) -> bool:
    """Blindly put another contestant in, if the voter has seen nothing of this one."""
    battle = answer.turn.battle
    if answer.turn.number > 1 or answer.swapped_at_attempt or dispatch.has_shown_text(answer):
        return False
    present = (battle.contestant_a, battle.contestant_b)
    substitute = matchmaking.draw_replacement(present, answer.turn.prompt)
    if substitute is None:
        return False
    setattr(battle, f"contestant_{answer.side.lower()}", substitute.contestant)
    battle.policy = f"{matchmaking.POLICY}/swapped"
    battle.save(update_fields=["contestant_a", "contestant_b", "policy"])
    answer.revision = substitute
    answer.swapped_at_attempt = answer.attempt
    _try_again(answer)
    return True


def _try_again(answer: Answer) -> None:
    answer.attempt += 1
    answer.dispatched = Now()
    answer.save()
    transaction.on_commit(partial(dispatch.send, answer))


def _add_turn(battle: Battle, number: int, prompt: str, revisions: dict[Side, Revision]) -> Turn:
    turn = Turn.objects.create(battle=battle, number=number, prompt=prompt)
    answers = Answer.objects.bulk_create(
        Answer(turn=turn, side=side, revision=revision, dispatched=Now())  # one clock for all
        for side, revision in revisions.items()
    )
    for answer in answers:
        dispatch.prepare(answer)
        transaction.on_commit(partial(dispatch.send, answer))
    return turn


def _check_can_continue(battle: Battle, last: Turn) -> None:
    if battle.state != Battle.State.OPEN:
        raise Refusal("This battle is over. Start a new one.", code="battle_over")
    if battle.campaign.kind != Campaign.Kind.LIVE:
        raise Refusal(
            "These answers were made beforehand: nobody can answer a follow-up.", code="prepared"
        )
    if not showing.is_shown(last):
        raise Refusal(
            "The answers are still being written. Send your next prompt when both are complete.",
            code="unfinished",
        )
    if last.number >= MAX_TURNS:
        raise Refusal(
            f"A battle has at most {MAX_TURNS} turns. Vote now, then start a new one.",
            code="too_many_turns",
        )
