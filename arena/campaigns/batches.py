"""Generates answers in batch: every chosen contestant on every prompt of a campaign.

All pending work is in the database, one row per answer, so a restart loses nothing. Only a few are
under way at a time: voters in the live arena take precedence. Answers of a contestant that cannot
answer now wait, and hold up no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from celery import current_app
from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from .. import broker
from ..errors import Code, Refused
from ..generating import dispatch
from ..generating.life import Cause, Fault, Life, Policy
from ..limits import ATTEMPTS, batch_times
from ..matchmaking import ability
from ..models import Campaign, Contestant, PreparedAnswer, Revision
from ..transactions import retried

State = PreparedAnswer.State
AT_ONCE = 4  # of one campaign
OF_ONE = 2  # of these, by one contestant while others have some waiting
Answers = QuerySet[PreparedAnswer]


@dataclass(frozen=True)
class Progress:
    """The number of answers of a campaign, by state."""

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


def order(campaign: Campaign, contestants: Iterable[Contestant], texts: int = 1) -> int:
    """Have each contestant's newest revision answer each prompt, so often; returns how many answers
    are new. Raises Refused if there are no prompts, or no contestants that can run."""
    can_run = Revision.objects.filter(contestant__in=list(contestants), number__gt=0)
    revisions = list(can_run.newest())
    prompts = list(campaign.prompts.all())
    if not revisions or not prompts:
        raise Refused(
            "Choose contestants that this arena can run, and add prompts first.",
            code=Code.NOTHING_TO_MAKE,
            status=400,
        )
    before = progress(campaign).total
    PreparedAnswer.objects.bulk_create(
        (
            PreparedAnswer(prompt=prompt, revision=revision, number=number)
            for number in range(1, texts + 1)
            for prompt in prompts
            for revision in revisions
        ),
        batch_size=1_000,
        ignore_conflicts=True,
    )
    advance(campaign)
    return progress(campaign).total - before


def advance_soon() -> None:
    """Queue `advance_all` now instead of at the clock's next tick."""
    current_app.send_task("arena.advance_batches")


def advance_all() -> None:
    """Called periodically, so that lost or delayed work goes on."""
    left = unfinished(PreparedAnswer.objects.all())
    for campaign in Campaign.objects.filter(prompts__answers__in=left).distinct():
        advance(campaign)


def advance(campaign: Campaign) -> None:
    """Queue answers until enough are under way. A paused campaign only finishes those under way.
    Does nothing while the broker is away."""
    with broker.spared("answers to prepare are not queued yet"):
        answers = unfinished(PreparedAnswer.objects.filter(prompt__campaign=campaign))
        _advance(campaign, _able(answers))


@retried
def _advance(campaign: Campaign, able: Collection[int]) -> None:
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if not campaign.paused:
        answers = PreparedAnswer.objects.filter(prompt__campaign=campaign, revision__in=able)
        for answer in [*_next(answers, able)]:
            dispatch.start(life, answer)


def _next(answers: Answers, able: Collection[int]) -> Iterator[PreparedAnswer]:
    """Those to begin now, of contestants with few under way first: a slow one must not take all
    places. Those under way at a worker that has gone take none."""
    queued = answers.filter(state=State.QUEUED).order_by()
    busy = Counter(queued.values_list("revision", flat=True))
    waiting = answers.filter(state=State.WAITING).order_by("pk")
    free = max(0, AT_ONCE - busy.total())
    idle = [revision for revision in able if busy[revision] < OF_ONE]
    yield from waiting.filter(revision__in=idle)[:free] or waiting[:free]


def _able(answers: Answers) -> set[int]:
    """The revisions of these that can answer now. Raises RedisError if the broker is away."""
    return {revision for revision, why in hindrances(answers).items() if not why}


def hindrances(answers: Answers) -> Mapping[int, str]:
    """Why each revision of these cannot answer now, in sentences, by primary key; "" if it can. The
    state of its contestant does not matter. Raises RedisError if the broker is away."""
    keys = answers.order_by().values_list("revision", flat=True).distinct()
    revisions = [*Revision.objects.filter(pk__in=[*keys]).select_related("contestant")]
    look = ability.Look(revisions) if revisions else None
    return {
        one.pk: " ".join(reason.sentence for reason in look.at(one)) for one in revisions if look
    }


def unfinished(answers: Answers) -> Answers:
    return answers.filter(state__in=(State.WAITING, State.QUEUED))


class PreparedLife(Life[PreparedAnswer]):
    """An answer that is given up fails; staff can have it retried."""

    model = PreparedAnswer
    needs = ("revision__contestant", "prompt__campaign")
    task = "arena.record_prepared_answer"

    @property
    def policy(self) -> Policy:
        times = batch_times(settings.ANSWER_SECONDS)
        return Policy(times, dict.fromkeys(Cause, ATTEMPTS.of_batch))

    def lock(self, pk: int) -> None:
        PreparedAnswer.objects.select_for_update().filter(pk=pk).first()

    def messages(self, one: PreparedAnswer) -> list[dict[str, str]]:
        return dispatch.opening(one.revision.system_prompt, one.prompt.text)

    @retried
    def give_up(self, one: PreparedAnswer, fault: Fault) -> bool:
        if (held := self.held(one)) is None:
            return False
        held.state = State.FAILED
        held.note(fault.reason)
        held.save()
        return True

    def unsent(self, one: PreparedAnswer) -> None:
        """Undo the attempt, which does not count: the clock retries it."""
        same = PreparedAnswer.objects.filter(pk=one.pk, attempt=one.attempt, state=State.QUEUED)
        same.update(state=State.WAITING, attempt=F("attempt") - 1)

    def ended(self, one: PreparedAnswer, fault: Fault | None) -> None:
        advance(one.prompt.campaign)


life = PreparedLife()


def pause(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(paused=True)


def resume(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(paused=False)
    advance(campaign)


def retry(answers: Answers) -> int:
    """Retry the failed ones of these; returns how many. Attempt numbers continue, so that a stale
    result of an earlier attempt is never taken for a new one."""
    failed = answers.filter(state=State.FAILED)
    campaigns = [*Campaign.objects.filter(prompts__answers__in=failed).distinct()]
    retried = failed.update(state=State.WAITING, retried_at_attempt=F("attempt"))
    for campaign in campaigns:
        advance(campaign)
    return retried
