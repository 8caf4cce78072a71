"""Answers made in batch: every chosen contestant on every prompt of a campaign, in the background.

What is to be done stands in the database, a row an answer, so a restart loses nothing. A few are
under way at a time: volunteers of the live arena come first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from inference.endings import FinishReason
from inference.requests import GenerateResult

from . import broker, dispatch
from .errors import Refusal
from .models import Campaign, Contestant, PreparedAnswer, Revision
from .transactions import retried

logger = logging.getLogger(__name__)
State = PreparedAnswer.State
AT_ONCE = 4  # of one campaign
DEADLINE_S = PATIENCE_S = 300.0
LOST = timedelta(seconds=DEADLINE_S + PATIENCE_S + 30)  # then its task has died with a worker
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Progress:
    """Of the answers of a campaign."""

    waiting: int
    queued: int
    done: int
    failed: int

    @property
    def total(self) -> int:
        return self.waiting + self.queued + self.done + self.failed

    @property
    def is_over(self) -> bool:
        return not (self.waiting or self.queued)


def progress(campaign: Campaign) -> Progress:
    answers = PreparedAnswer.objects.filter(prompt__campaign=campaign)
    counts = {str(state).lower(): Count("pk", filter=Q(state=state)) for state in State}
    return Progress(**answers.aggregate(**counts))


def order(campaign: Campaign, contestants: Iterable[Contestant]) -> int:
    """Have each contestant's newest revision answer each prompt; returns how many answers are
    new. Raises Refusal for contestants that nobody can run."""
    newest = Revision.objects.filter(contestant__in=list(contestants), number__gt=0)
    revisions = list(newest.order_by("contestant_id", "-number").distinct("contestant_id"))
    prompts = list(campaign.prompts.all())
    if not revisions or not prompts:
        raise Refusal(
            "Choose contestants that this arena can run, and add prompts first.",
            code="nothing_to_make",
            status=400,
        )
    before = progress(campaign).total
    PreparedAnswer.objects.bulk_create(
        (PreparedAnswer(prompt=p, revision=r) for p in prompts for r in revisions),
        batch_size=1_000,
        ignore_conflicts=True,
    )
    advance(campaign)
    return progress(campaign).total - before


def advance_all() -> None:
    """For a clock: whatever was lost or held up goes on."""
    unfinished = PreparedAnswer.objects.filter(state__in=(State.WAITING, State.QUEUED))
    for campaign in Campaign.objects.filter(prompts__answers__in=unfinished).distinct():
        advance(campaign)


@retried
def advance(campaign: Campaign) -> None:
    """Queue answers until enough are under way. A paused campaign finishes what it has begun."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    answers = PreparedAnswer.objects.filter(prompt__campaign=campaign)
    lost = answers.filter(state=State.QUEUED, dispatched__lt=Now() - LOST)
    for answer in lost.select_for_update(of=("self",)):  # a late result may be written down now
        again_or_failed(answer, "its task was lost")
    if campaign.paused:
        return
    free = AT_ONCE - answers.filter(state=State.QUEUED).count()
    for answer in answers.filter(state=State.WAITING).order_by("pk")[: max(0, free)]:
        answer.state = State.QUEUED
        answer.attempt += 1
        answer.dispatched = Now()  # the database's clock is everybody's
        answer.save()
        transaction.on_commit(partial(send, answer))


def send(answer: PreparedAnswer) -> None:
    messages = dispatch.opening(answer.revision.system_prompt, answer.prompt.text)
    request = dispatch.request_for(answer, messages, deadline_s=DEADLINE_S, patience_s=PATIENCE_S)
    try:
        dispatch.enqueue(request, "arena.record_prepared_answer", answer_id=answer.pk)
    except broker.AWAY as error:  # no attempt at the answer: the clock tries again
        logger.warning("answer %s is not queued yet: the broker took nothing: %s", answer.pk, error)
        same = PreparedAnswer.objects.filter(pk=answer.pk, attempt=answer.attempt)
        same.filter(state=State.QUEUED).update(state=State.WAITING, attempt=F("attempt") - 1)


def record(answer_id: int, result: GenerateResult) -> None:
    """Write an answer down, once, and let the next one begin."""
    if (answer := _settle(answer_id, result)) is not None:
        advance(answer.prompt.campaign)


@retried
def _settle(answer_id: int, result: GenerateResult) -> PreparedAnswer | None:
    answer = PreparedAnswer.objects.select_for_update().filter(pk=answer_id).first()
    if answer is None or (answer.state, answer.attempt) != (State.QUEUED, result.attempt):
        return None
    failed = result.finish_reason in (FinishReason.ERROR, FinishReason.CANCELLED)
    if failed or not result.text.strip():
        reason = result.error or "an empty or lost answer"
        again_or_failed(answer, reason, permanent=result.permanent)
    else:
        write(answer, result)
    return answer


def write(answer: PreparedAnswer, result: GenerateResult) -> None:
    answer.state = State.DONE
    answer.error = ""
    answer.take(result)
    answer.save()


def again_or_failed(answer: PreparedAnswer, reason: str, *, permanent: bool = False) -> None:
    is_over = permanent or answer.attempt >= MAX_ATTEMPTS
    answer.state = State.FAILED if is_over else State.WAITING
    answer.error = f"attempt {answer.attempt}: {reason}"
    answer.save()


def pause(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(paused=True)


def resume(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(paused=False)
    advance(campaign)


def retry(campaign: Campaign) -> int:
    """Try what has failed anew; returns how many answers that are. Attempts count on, so that a
    late result of an earlier one is not taken for a new one's."""
    failed = PreparedAnswer.objects.filter(prompt__campaign=campaign, state=State.FAILED)
    retried = failed.update(state=State.WAITING)
    advance(campaign)
    return retried
