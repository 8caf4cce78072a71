"""Runs probes: through the queue and workers that voters' answers take, a few answers at a time, in
the background. All of it is in the database, so a restart loses nothing."""

from __future__ import annotations

from dataclasses import asdict, replace

from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from inference.contract.counting import Question as Wanted
from inference.contract.counting import show
from inference.contract.presence import live_workers
from inference.contract.requests import GenerateRequest

from .. import broker
from ..errors import Code, Refused
from ..generating import dispatch
from ..generating.life import Cause, Fault, Life, Policy
from ..limits import TRYING, AnswerTimes
from ..models import Contestant, Probe, ProbeAnswer, Revision
from ..transactions import retried
from .checks import judge
from .evidence import SHOWN, Evidence, messages, messages_by_name
from .findings import verdict
from .questions import BY_NAME, QUESTIONS, Question

State = ProbeAnswer.State
OVER = (State.DONE, State.FAILED)
TASK = "arena.advance_probes"
# A model that fails once has failed: voters would meet the same. What was lost on the way is not
# its fault.
ATTEMPTS = {Cause.MODEL: 1, Cause.WORKER: 2, Cause.LOST: 3, Cause.QUEUE: 1}


def newest(contestant: Contestant) -> Revision | None:
    return Revision.objects.filter(contestant=contestant).order_by("number").last()


def begin(revision: Revision, by: User | None = None) -> Probe:
    """Start a probe; one under way is returned instead of a second. Raises Refused if no worker
    could answer."""
    underway = Probe.objects.filter(revision=revision, ended=None).first()
    if underway is not None:
        return underway
    check_served(revision)
    with transaction.atomic():
        probe = Probe.objects.create(revision=revision, by=by)
        ProbeAnswer.objects.bulk_create(
            ProbeAnswer(probe=probe, revision=revision, question=each.name, prompt=each.prompt)
            for each in QUESTIONS
        )
        transaction.on_commit(wake)
    return probe


def check_served(revision: Revision) -> None:
    """Raises Refused unless a live worker serves it."""
    try:
        workers = live_workers(broker.connection())
    except broker.AWAY as error:
        raise broker.away(error) from error
    if any(revision.service in worker.serves for worker in workers):
        return
    what = f"the weights {revision.weights}"
    if revision.is_remote:
        what = f"the key {revision.key_variable}" if revision.key_variable else "APIs"
    raise Refused(
        f"No model worker serves {what} now. Start one that does, then try again.",
        code=Code.NOT_IN_SERVICE,
        status=503,
    )


def wake() -> None:
    """Go on with all probes now; otherwise the clock does so within seconds."""
    with broker.spared("waking a probe"):
        current_app.send_task(TASK)


def advance_all() -> None:
    """Called when a probe begins, and periodically, so that what was lost on the way goes on."""
    for probe in Probe.objects.filter(ended=None).select_related("revision"):
        if probe.shown is None:
            prompts = _shown(probe.revision)  # before any lock is taken: the broker may be slow
            Probe.objects.filter(pk=probe.pk, shown__isnull=True).update(shown=prompts)
        advance(probe.pk)


@retried
def advance(pk: int) -> None:
    """Queue answers until enough are under way; after the last, have the checks judge."""
    probe = Probe.objects.select_for_update(of=["self"]).filter(pk=pk, ended=None).first()
    if probe is None or probe.shown is None:
        return
    states = list(probe.answers.values_list("state", flat=True))
    if all(state in OVER for state in states):
        _conclude(probe)
        return
    free = TRYING.at_once - states.count(State.QUEUED)
    for answer in probe.answers.filter(state=State.WAITING)[: max(0, free)]:
        dispatch.start(life, answer)


def _conclude(probe: Probe) -> None:
    findings = judge(Evidence.of(probe))
    probe.findings = [finding.to_dict() for finding in findings]
    probe.verdict, probe.ended = verdict(findings), timezone.now()
    probe.save()


def _shown(revision: Revision) -> dict[str, object]:
    """Its prompts as a worker renders them; empty for an API, and if no worker replies."""
    if revision.is_remote:
        return {}
    asked = [_wanted(revision, messages_by_name(revision, name)) for name in SHOWN]
    prompts = show(broker.connection(), asked)
    return {
        name: asdict(shown) for name, shown in zip(SHOWN, prompts, strict=True) if shown is not None
    }


def _wanted(revision: Revision, talk: dispatch.Messages) -> Wanted:
    return Wanted(revision.weights, talk, revision.prompt_format)


class ProbeLife(Life[ProbeAnswer]):
    """An answer that is given up has failed, which is what a probe is to find out."""

    model = ProbeAnswer
    needs = ("revision__contestant", "probe")
    task = "arena.record_probe_answer"

    @property
    def policy(self) -> Policy:
        queue_s = min(TRYING.queue_s, settings.QUEUE_SECONDS)
        return Policy(AnswerTimes(settings.ANSWER_SECONDS, queue_s), ATTEMPTS)

    def lock(self, pk: int) -> None:
        ProbeAnswer.objects.select_for_update(of=["self"]).filter(pk=pk).first()

    def messages(self, one: ProbeAnswer) -> list[dict[str, str]]:
        return messages(one.revision, _asked(one))

    def shaped(self, request: GenerateRequest) -> GenerateRequest:
        return replace(request, max_tokens=min(request.max_tokens, TRYING.answer_tokens))

    @retried
    def give_up(self, one: ProbeAnswer, fault: Fault) -> bool:
        if (held := self.held(one)) is None:
            return False
        held.state = State.FAILED
        held.note(fault.reason)
        held.save()
        return True

    def unsent(self, one: ProbeAnswer) -> None:
        """Undo the attempt, which does not count: the clock retries it."""
        same = ProbeAnswer.objects.filter(pk=one.pk, attempt=one.attempt, state=State.QUEUED)
        same.update(state=State.WAITING, attempt=F("attempt") - 1)

    def ended(self, one: ProbeAnswer, fault: Fault | None) -> None:
        advance(one.probe_id)


def _asked(one: ProbeAnswer) -> Question:
    """Its question. One that this version no longer knows is asked as it is stored."""
    return BY_NAME.get(one.question) or Question(one.question, one.prompt, one.question)


life = ProbeLife()
