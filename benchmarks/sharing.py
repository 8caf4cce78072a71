"""`make bench-sharing`: answers per second of 1, 2, 4 and 8 model workers on one queue, and how
long answers wait there against a simulated queue.

A model at an API of this process sleeps as long as its answer takes, so that workers stand for
GPUs. Each is a process with Celery; the broker is real. The site is left out: `make bench-scale`
has it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from heapq import heapify, heapreplace
from uuid import uuid4

import redis
from celery import current_app

from benchmarks.figures import describe_machine, report
from benchmarks.rigging.running import START_S, process
from benchmarks.servers import own_servers
from inference.contract import private_hosts, streams, waiting
from inference.contract.presence import live_workers
from inference.contract.requests import Endpoint, GenerateRequest, key_service
from inference.contract.streams import Kind
from tests.inference.worker.backends.api_server import api_server
from tests.live.hosted import Paced
from tests.live.site import until

SLOTS = 4  # of each worker
WORDS, PAUSE_S = 4, 0.5  # of an answer
MANY = (1, 2, 4, 8)
ROUNDS = 8  # answers for each slot
BUSY = 0.9  # share of the slots, of the queue whose waits are measured
ALONE = 9  # answers, of which none waits, by which the way to a worker is measured


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--workers", type=int, nargs="*", default=MANY)
    asked.add_argument("--answers", type=int, default=400, help="whose waits are measured, or none")
    said = asked.parse_args()
    with own_servers() as folder:
        from arena import broker  # once Django is set up

        settings = {"WEIGHTS_DIR": str(folder), private_hosts.VARIABLE: private_hosts.THIS_MACHINE}
        words = Paced.of([f"word{n} " for n in range(WORDS)], PAUSE_S)
        with api_server(words=words) as server:
            arena = Arena(broker.connection(), server.url, settings)
            grown(arena, said.workers)
            if said.answers:
                waited(arena, said.answers)
    describe_machine()


class Arena:
    """A broker, an API and model workers."""

    def __init__(self, broker: redis.Redis, url: str, settings: dict[str, str]) -> None:
        self.broker = broker
        self._endpoint = Endpoint(url, "model", "", "bench")
        self._settings = settings

    @contextmanager
    def workers(self, number: int) -> Iterator[None]:
        arguments = ["manage", "inference_worker", "--remote", "--remote-slots", str(SLOTS)]
        with ExitStack() as stack:
            for _ in range(number):
                stack.enter_context(process(arguments, self._settings))
            until(lambda: self._serving() == number, "the workers", START_S)
            self.answered([self.ask() for _ in range(number * SLOTS)])  # all has been loaded
            yield
        until(lambda: not live_workers(self.broker), "their end", START_S)

    def ask(self) -> str:
        request = GenerateRequest(
            str(uuid4()), 1, "", [{"role": "user", "content": "Hello"}], "openai", self._endpoint
        )
        streams.begin_attempt(self.broker, request.stream, 1)
        waiting.offer(self.broker, request)
        arguments = [request.to_dict()]
        current_app.send_task("inference.generate", args=arguments, queue=request.queue)
        return request.stream

    def answered(self, asked: Sequence[str]) -> list[tuple[float, float]]:
        """When each was begun and ended, by the broker's clock, once all have."""
        return [until(partial(self._times, one), "its end", START_S)[0] for one in asked]

    def _times(self, stream: str) -> list[tuple[float, float]]:
        entries = streams.all_entries(self.broker, stream)
        has_ended = entries and entries[-1].kind is Kind.END
        return [(entries[0].at, entries[-1].at)] if has_ended else []

    def now(self) -> float:
        seconds, microseconds = self.broker.time()
        return float(seconds + microseconds / 1e6)

    def _serving(self) -> int:
        return sum(key_service("") in beat.serves for beat in live_workers(self.broker))


def grown(arena: Arena, numbers: Sequence[int]) -> None:
    """Answers per second while all slots are wanted."""
    rates = dict[int, float]()
    for number in numbers:
        with arena.workers(number):
            times = arena.answered([arena.ask() for _ in range(number * SLOTS * ROUNDS)])
        # Until the first slot has nothing to do any more.
        begun, last = sorted(begun for begun, _ in times), max(begun for begun, _ in times)
        rates[number] = (len(times) - number * SLOTS) / (last - begun[0])
        first = numbers[0]
        report(
            f"{number} workers: answers/s of each, over those of {first} alone",
            rates[number] / number / (rates[first] / first), 0.95, at_most=False,
            answers_s=rates[number], answer_s=statistics.mean(end - at for at, end in times),
            ideal_s=number * SLOTS / (WORDS * PAUSE_S),
        )  # fmt: skip


def waited(arena: Arena, answers: int) -> None:
    """Waits of answers that come at random to two workers, and those of the same answers in a
    simulated queue."""
    chance, slots = random.Random(20261130), 2 * SLOTS
    each_s = WORDS * PAUSE_S
    with arena.workers(2):
        way_s = statistics.median(_wait_alone(arena) for _ in range(ALONE))
        arrivals, asked = list[float](), list[str]()
        for _ in range(answers):
            time.sleep(chance.expovariate(BUSY * slots / each_s))
            arrivals.append(arena.now())
            asked.append(arena.ask())
        times = arena.answered(asked)
    took = [end - begun for begun, end in times]
    measured = [begun - at for at, (begun, _) in zip(arrivals, times, strict=True)]
    expected = simulated(arrivals, took, slots, way_s)
    mean, said = statistics.mean(measured), statistics.mean(expected)
    report(
        "the mean wait in a simulated queue differs from the measured one by", abs(said / mean - 1),
        0.2, at_most=True, measured_s=mean, simulated_s=said, way_s=way_s,
        measured_95_s=statistics.quantiles(measured, n=20)[-1],
        simulated_95_s=statistics.quantiles(expected, n=20)[-1],
        answer_s=statistics.mean(took), busy=sum(took) / slots / (times[-1][1] - arrivals[0]),
    )  # fmt: skip


def _wait_alone(arena: Arena) -> float:
    at = arena.now()
    [(begun, _)] = arena.answered([arena.ask()])
    return begun - at


def simulated(
    arrivals: Sequence[float], took: Sequence[float], slots: int, way_s: float
) -> list[float]:
    """The wait of each answer where the first to arrive is the first to get one of the slots, and
    is on its way there for `way_s`."""
    free, waits = [0.0] * slots, list[float]()
    heapify(free)
    for at, lasts in zip(arrivals, took, strict=True):
        begun = max(at, free[0]) + way_s
        heapreplace(free, begun + lasts)
        waits.append(begun - at)
    return waits


if __name__ == "__main__":
    main()
