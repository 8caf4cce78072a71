"""`make bench-flood`: 1,000 prompts from one client, or from one network with 40 cookies, against a
running arena whose model worker has one slot or two, while volunteers ask once each.

Both contestants share those slots, so both answers of a battle need them. How much later than in
the idle arena a volunteer sees the first words is compared with the time of one answer during the
flood, and split into what was waited for. The usual limits refuse nearly all of it; without them,
and without proof of work, it fills its share of the queue.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
from contextlib import ExitStack

from django.core.management import call_command
from django.db import connection

from benchmarks.figures import describe_machine, report
from benchmarks.rigging.running import START_S, process, site
from benchmarks.servers import own_servers
from tests.live.site import until
from tests.unlimited import UNLIMITED

from .flooding import PROMPT, Flood, visitor
from .waits import Wait, medians, rows, waited

COOKIES = 40
LIMITS = {"usual limits": dict.fromkeys(UNLIMITED, ""), "no limits": UNLIMITED}
FLOODS = {"one client": 1, "one network": COOKIES}
NAMES = ("api", "smollm2")
NEWEST = "SELECT coalesce(max(id), 0) FROM arena_answer"
TOOK = """SELECT total_s FROM arena_answer
          WHERE state = 'DONE' AND finish_reason IN ('stop', 'length') AND id > %s"""
UNDERWAY = "SELECT count(*) FROM arena_answer WHERE state = 'QUEUED'"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--models", nargs="*", choices=NAMES, default=NAMES)
    asked.add_argument("--slots", type=int, nargs="*", default=[1, 2], help="of the model worker")
    asked.add_argument("--rounds", type=int, default=3, help="volunteers in each arena")
    asked.add_argument("--floods", nargs="*", choices=FLOODS, default=list(FLOODS))
    asked.add_argument("--limits", nargs="*", choices=LIMITS, default=list(LIMITS))
    asked.add_argument("--prompts", type=int, default=1_000, help="of each flood")
    said = asked.parse_args()
    with own_servers() as folder:
        from .models import MODELS  # once Django is set up

        call_command("prepare", without_starters=True, stdout=io.StringIO())
        for name in said.models:
            with MODELS[name](folder) as worker:
                for slots in said.slots:
                    for limits in said.limits:
                        settings = LIMITS[limits] | worker.settings
                        with ExitStack() as stack:
                            stack.callback(connection.close)
                            url = stack.enter_context(site(os.environ["DATABASE_URL"], settings))
                            stack.enter_context(process(worker.arguments(slots), settings))
                            compare(url, f"{name}, {slots} slots, {limits}", said)
    describe_machine()


def compare(url: str, where: str, said: argparse.Namespace) -> None:
    until(lambda: in_service(url), "both models in service", START_S)
    idle = [volunteered(url, f"203.0.{n}.1", "idle") for n in range(said.rounds)]
    for number, who in enumerate(said.floods):
        before, flood = rows(NEWEST)[0][0], Flood(url, FLOODS[who], said.prompts)
        with flood.running():
            flooded = [volunteered(url, f"192.{number}.{n}.1", who) for n in range(said.rounds)]
            queued, load = rows(UNDERWAY)[0][0], os.getloadavg()[0]
        answers = [took for (took,) in rows(TOOK, before)]
        answer_s, usual = statistics.median(answers), medians(idle)
        longest = max(flooded, key=lambda wait: wait.whole)
        report(
            f"flood of {who}, {where}: a volunteer's wait in addition, over one answer's time",
            (longest.whole - sum(usual.values())) / answer_s, 1.0, at_most=True,
            answer_s=answer_s, answer_most_s=max(answers), load=load,
            prompts=flood.sent.total(), accepted=flood.sent[302], queued=queued,
            refusals=sum(wait.refusals for wait in flooded),
            **{f"idle_{name}_s": value for name, value in usual.items()},
            **{f"flooded_{name}_s": value for name, value in medians(flooded).items()},
            idle_s=sum(usual.values()), flooded_s=statistics.median(w.whole for w in flooded),
            flooded_most_s=longest.whole,
        )  # fmt: skip


def in_service(url: str) -> bool:
    with visitor(url, "203.0.113.1") as first:
        return first.post("/battles/", prompt=PROMPT).status_code == 302


def volunteered(url: str, address: str, during: str) -> Wait:
    if during == "idle":
        until(lambda: rows(UNDERWAY) == [(0,)], "the answers before")
    wait = waited(url, address)
    print(f"{during}: {wait}", file=sys.stderr)
    return wait


if __name__ == "__main__":
    main()
