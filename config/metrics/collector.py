"""The one collector: figures of the status page, of the control room and of processes, at a scrape.

Nothing is kept in this process, so any web process says the same. Each part has a few queries of
bounded size. A part that fails is left out, and named.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from arena import broker, counters, processes
from arena.control.panels import machines, money
from arena.labels.slices import OVERALL
from arena.limiting import proof_counts
from arena.limits import PROCESSES
from arena.pages import health, status
from inference.contract.presence import Heartbeat
from ratings.boards import listing
from ratings.models import Board, Snapshot
from ratings.refreshing import ages, troubles

from .shapes import counted, counter, gauge, gauges

Part = Callable[[], Iterator[Metric]]


class Arena(Collector):
    def collect(self) -> Iterator[Metric]:
        began, failed = time.monotonic(), {}
        for name, part in PARTS.items():
            try:
                found, failed[(name,)] = [*part()], 0.0
            except (redis.RedisError, DatabaseError):
                found, failed[(name,)] = [], 1.0
            yield from found
        yield gauges("scrape_failed", "Whether a part could not be collected.", ["part"], failed)
        yield gauge("scrape_seconds", "Time of this collection.", time.monotonic() - began)


def _totals() -> Iterator[Metric]:
    yield from counted(counters.totals(broker.connection()))
    outcomes = {(str(outcome),): n for outcome, n in proof_counts.this_hour().items()}
    about = "Proofs of work by how they ended; begins anew every hour."
    yield counter("proofs", about, ["outcome"], outcomes)


def _arena() -> Iterator[Metric]:
    now = status.look(health.look())
    yield gauge("problems", "Problems that /healthz reports.", len(now.health.problems))
    yield gauge("battles_last_hour", "Battles begun in the last hour.", now.battles)
    able = {("able",): now.able, ("unable",): len(now.absent), ("resting",): len(now.resting)}
    yield gauges("contestants", "Active contestants; who rests is unable, too.", ["is"], able)
    yield from _of_services(now.services)
    yield from _of_workers(now.workers)


def _of_services(services: list[status.Service]) -> Iterator[Metric]:
    told = {
        "slots": "Answers that its workers can write at once.",
        "free": "Slots that are free.",
        "running": "Answers being written.",
        "waiting": "Answers that wait for a slot.",
    }
    for name, about in told.items():
        rows = {(one.name,): getattr(one, name) for one in services}
        yield gauges(f"service_{name}", about, ["service"], rows)
    oldest = {(one.name,): one.oldest_s for one in services}
    about = "For how long the oldest of them has waited."
    yield gauges("service_waiting_seconds", about, ["service"], oldest)


def _of_workers(workers: list[Heartbeat]) -> Iterator[Metric]:
    speeds = {(beat.worker,): beat.tokens_per_second for beat in workers}
    memory = {(beat.worker,): float(beat.ram_bytes) for beat in workers}
    yield gauge("workers", "Model workers.", len(workers))
    yield gauges("worker_tokens_per_second", "Speed of a model worker.", ["worker"], speeds)
    yield gauges("worker_memory_bytes", "Memory of a model worker.", ["worker"], memory)


def _processes() -> Iterator[Metric]:
    signs = processes.look(broker.connection())
    alive = {
        (kind,): sum(silence < PROCESSES.silent_s for silence in signs.silences[kind])
        for kind in processes.KINDS
    }
    silences = {(kind,): signs.silence(kind) for kind in processes.KINDS}
    yield gauges("processes", "Processes that send heartbeats.", ["kind"], alive)
    about = "Time since the last heartbeat of a kind of process."
    yield gauges("process_silence_seconds", about, ["kind"], silences)
    delays = {(queue,): signs.delays.get(queue) for queue in processes.QUEUES}
    lengths = {(queue,): broker.connection().llen(queue) for queue in processes.QUEUES}
    yield gauges("queue_delay_seconds", "How long tasks wait in a queue.", ["queue"], delays)
    yield gauges("queue_tasks", "Tasks that wait in a queue.", ["queue"], lengths)
    yield from _told_by_processes()


TOLD = {
    "memory_bytes": "Memory of a process.",
    "sockets": "Live pages that are connected to a web process.",
    "pool_size": "Connections to the database that a process holds.",
    "pool_used": "Those of them that are in use.",
    "pool_waiting": "Threads that wait for one.",
}


def _told_by_processes() -> Iterator[Metric]:
    found, labels = processes.told(broker.connection()), ["kind", "process"]
    cpu = {process: figures["cpu_seconds"] for process, figures in found.items()}
    yield counter("process_cpu_seconds", "CPU time of a process.", labels, cpu)
    for name, about in TOLD.items():
        rows = {process: figures.get(name) for process, figures in found.items()}
        yield gauges(f"process_{name}", about, labels, rows)


def _boards() -> Iterator[Metric]:
    found = ages.look()
    whole = Board.objects.filter(slice=OVERALL).select_related("campaign")
    behind = {(one.campaign.slug, one.slug): found.behind.get(one.pk, 0.0) for one in whole}
    overall = {one.pk for one in whole}
    slices = [age for pk, age in found.behind.items() if pk not in overall]
    behind["", "slices"] = max(slices, default=0.0)
    labels = ["campaign", "board"]
    about = "For how long a board has lacked votes that it should have; slices: the worst of them."
    yield gauges("board_behind_seconds", about, labels, behind)
    about = "Time since the newest snapshot of a board, which changes with its votes only."
    yield gauges("board_snapshot_seconds", about, labels, _snapshots(whole))
    yield gauge("boards_looked_seconds", "Time since new votes were looked for.", found.looked)
    failing = len(troubles.every())
    yield gauge("boards_failing", "Boards that cannot be computed or published.", failing)


def _snapshots(boards: QuerySet[Board]) -> dict[tuple[str, ...], float | None]:
    now = timezone.now()
    newest: QuerySet[Snapshot] = listing.newest_snapshots(boards)
    rows = newest.values_list("board__campaign__slug", "board__slug", "created")
    return {(campaign, slug): (now - at).total_seconds() for campaign, slug, at in rows}


def _waiting() -> Iterator[Metric]:
    backlog = machines.backlog()
    yield gauge("batch_answers", "Answers of batches under way.", backlog.answers)
    yield gauge("file_jobs", "File jobs that wait or run.", backlog.jobs)
    free = shutil.disk_usage(settings.VAR).free if settings.VAR.exists() else None
    yield gauge("disk_free_bytes", "Room on the disk of ARENA_VAR, of this web process.", free)


def _spending() -> Iterator[Metric]:
    lines = {(line.contestant.slug,): line for line in money.lines()}
    told: dict[str, tuple[str, Callable[[money.Line], float | None]]] = {
        "spent_usd": ("Dollars spent today (UTC).", lambda line: line.spent.usd),
        "spent_tokens": ("Tokens spent today (UTC).", lambda line: line.spent.tokens),
        "cap_usd": ("Dollars that may be spent a day.", lambda line: line.end.daily_usd),
        "cap_tokens": ("Tokens that may be spent a day.", lambda line: line.end.daily_tokens),
    }
    for name, (about, of) in told.items():
        rows = {who: of(line) for who, line in lines.items()}
        yield gauges(name, about, ["contestant"], rows)


PARTS: dict[str, Part] = {
    "totals": _totals,
    "arena": _arena,
    "processes": _processes,
    "boards": _boards,
    "waiting": _waiting,
    "spending": _spending,
}
