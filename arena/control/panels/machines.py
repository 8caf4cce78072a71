from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat

from inference.contract.presence import Heartbeat, live_workers
from inference.contract.requests import is_remote, key_of_service

from ... import broker, processes
from ...models import Job, PreparedAnswer
from ...models.generated import Generated
from ...pages import health
from ...pages.status import services_of
from ...plurals import counted
from ...processes import Signs
from ...sites import path_of
from ..panel import Cell, Panel, Says, cells


class Workers(Panel):
    """Model workers, with what they serve and how busy they are."""

    name = "workers"
    subject = "Model workers"
    permission = "arena.view_contestant"
    is_wide = True

    def look(self) -> Says:
        beats = sorted(live_workers(broker.connection()), key=lambda beat: beat.worker)
        status = path_of("status")
        if not beats:
            about = (
                "Nothing can answer. Start one: make up, or manage.py inference_worker on any host."
            )
            return Says("No model worker is running", f"{status}#workers", about, is_urgent=True)
        busy = sum(beat.running for beat in beats)
        speed = sum(beat.tokens_per_second for beat in beats)
        return Says(
            f"{counted(len(beats), 'worker')} writing {counted(busy, 'answer')}"
            f" at {speed:,.0f} tokens/s",
            f"{status}#workers",
            columns=(
                "Worker",
                "Serves",
                "Busy slots",
                "Wait inside",
                "Tokens/s",
                "Memory",
                "Runs on",
            ),
            rows=[_row(beat) for beat in beats],
        )


def _row(beat: Heartbeat) -> list[Cell]:
    slots = beat.running + beat.free_slots
    most = f" of {filesizeformat(beat.ram_limit)}" if beat.ram_limit else ""
    return cells(
        beat.worker,
        ", ".join(title_of(service) for service in beat.serves) or "nothing",
        f"{beat.running} of {slots}",
        f"{beat.waiting:,}",
        f"{beat.tokens_per_second:,.0f}",
        f"{filesizeformat(beat.ram_bytes)}{most}",
        beat.hardware,
    )


def title_of(service: str) -> str:
    if not is_remote(service):
        return service
    key = key_of_service(service)
    return f"APIs with {key}" if key else "APIs without a key"


@dataclass(frozen=True)
class Backlog:
    """What waits although nobody does."""

    answers: int  # of batches
    jobs: int


def backlog() -> Backlog:
    under_way = [Job.State.WAITING, Job.State.RUNNING]
    return Backlog(
        PreparedAnswer.objects.filter(state=Generated.State.QUEUED).count(),
        Job.objects.filter(state__in=under_way).count(),
    )


class Queues(Panel):
    """What waits for a process."""

    name = "queues"
    subject = "Queues"
    permission = "arena.view_contestant"

    def look(self) -> Says:
        found = health.look()
        services = services_of(live_workers(broker.connection()))
        without_slot, behind = sum(one.waiting for one in services), backlog()
        under_way = path_of("admin:arena_answer_changelist") + "?state=QUEUED"
        prepared = path_of("admin:arena_preparedanswer_changelist") + "?state=QUEUED"
        rows = [
            cells("Answers of battles, without a slot", Cell(f"{without_slot:,}", under_way)),
            cells("Answers of batches", Cell(f"{behind.answers:,}", prepared)),
            cells("File jobs", Cell(f"{behind.jobs:,}", path_of("admin:jobs", "import"))),
            *_delays(processes.look(broker.connection())),
        ]
        said = [*found.problems, *found.notes] or ["Every process is running"]
        about = " ".join(said[1:])
        return Says(said[0], path_of("status"), about, rows=rows, is_urgent=not found.is_well)


def _delays(signs: Signs) -> Iterator[list[Cell]]:
    for queue in processes.QUEUES:
        delay = signs.delays.get(queue)
        yield cells(
            f"Delay of the {queue} queue", "not known" if delay is None else f"{delay:.0f} s"
        )
