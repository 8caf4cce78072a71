"""Run a model worker: `python manage.py inference_worker --help`.

It needs the broker (`REDIS_URL`) and a folder of GGUF weights (`WEIGHTS_DIR`), but no database.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from math import inf, nan
from typing import Any

import redis
from celery import current_app
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from kombu.exceptions import OperationalError

from inference.contract import private_hosts
from inference.contract.asking import Asking
from inference.contract.broker import connect
from inference.contract.counting import Counting
from inference.contract.errors import EngineError
from inference.contract.requests import is_remote, queue_of
from inference.machine import usable_memory
from inference.worker.backends import Host, llama_cpp
from inference.worker.fetching.answering import answer
from inference.worker.service import Worker, serve

LOOK_EVERY_S = 2.0  # interval of checks of the folder with weights
RAM_SHARE = 0.75  # default share of the memory this process may use
# Each answer occupies a thread, even while it waits. There are more threads than answers that the
# arena lets wait (`waiting.MOST_WAITING`); otherwise a queue for one model would block the others.
# Threads are started only when needed.
THREADS_PER_SLOT = 8
FEWEST_MODELS = 4  # to have threads for, since new weights are served without a restart
FEWEST_KEYS = 4  # likewise, since the site may send new ones

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Answer with the GGUF models in WEIGHTS_DIR. Needs REDIS_URL, and no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--models", nargs="*", default=[], help="names of weights; default: all"
        )
        parser.add_argument("--remote", action="store_true", help="also models behind an API")
        parser.add_argument("--ram-gb", type=gigabytes, help="most memory for models")
        parser.add_argument("--slots", type=whole, default=8, help="answers of a model at a time")
        parser.add_argument("--context", type=whole, default=4096, help="tokens per answer")
        parser.add_argument(
            "--threads",
            type=threads,
            default=settings.MODEL_THREADS,
            help="decoding threads; default: one per core; fewer leave a core to the site",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if wrong := private_hosts.objections():
            sys.exit(f"✗ {wrong[0]}")
        ram = options["ram_gb"] or RAM_SHARE * usable_memory() / 1e9
        host = Host(
            settings.WEIGHTS_DIR,
            int(ram * 1e9),
            options["slots"],
            options["context"],
            options["threads"],
        )
        connection = _broker(settings.REDIS_URL)
        models = tuple(options["models"])
        remote, secret = options["remote"], settings.WORKER_SECRET
        worker = Worker(connection, host, models=models, remote=remote, secret=secret)
        if absent := set(models) - {file.stem for file in host.folder.glob("*.gguf")}:
            sys.exit(f"✗ There are no weights {', '.join(sorted(absent))} in {host.folder}.")
        serve(worker)
        worker.inventory.look()
        _follow(worker)
        _run(worker)
        worker.close()


def whole(text: str) -> int:
    """An integer of at least 1. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of 1 or more")
    return int(text)


def threads(text: str) -> int:
    """The same; the error also names the environment variable it may come from."""
    try:
        return whole(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error} (MODEL_THREADS, if not given here)") from error


def gigabytes(text: str) -> float:
    """Raises ArgumentTypeError unless it is a number above 0."""
    try:
        size = float(text)
    except ValueError:
        size = nan
    if not 0 < size < inf:
        raise ArgumentTypeError(f"{text} is not a number of gigabytes above 0")
    return size


def _broker(url: str) -> redis.Redis:
    try:
        connection = connect(url)
        connection.ping()
    except (redis.RedisError, ValueError) as error:
        sys.exit(f"✗ The broker cannot be reached: {error} REDIS_URL says where it is.")
    return connection


def _look_after(worker: Worker) -> None:
    """Load the weights in the background while requests are already taken: after a crash nobody
    should have to wait for all of them. Then watch for new ones."""
    local = worker.backend("llama_cpp")
    assert isinstance(local, llama_cpp.Backend)
    for name in worker.inventory.usable:
        try:
            local.preload(name)
        except (EngineError, OSError) as error:
            logger.warning("%s", error)
    while True:
        time.sleep(LOOK_EVERY_S)
        try:
            for name in worker.inventory.look():
                local.renew(name)
        except (redis.RedisError, OSError) as error:  # the broker or the disk is unavailable
            logger.warning("could not read the weights: %s", error)
        except Exception:  # whatever a file may contain: this thread must go on
            logger.exception("could not read the weights")


def _follow(worker: Worker) -> None:
    """Start and stop the worker with Celery, and have it consume the queues of what it serves."""
    queues = Queues(_node(worker))

    def look() -> None:
        if worker.keyring is not None:
            worker.keyring.look()
        queues.follow(worker.serves())

    @worker_ready.connect(weak=False)
    def ready(**_: Any) -> None:
        worker.pulse.each = look
        worker.pulse.start()
        local = worker.backend("llama_cpp")
        assert isinstance(local, llama_cpp.Backend)
        Counting(
            worker.connection, lambda: worker.inventory.usable, local.count, local.show
        ).start()
        Asking(worker.connection, worker.asks, answer).start()
        if worker.desk is not None:
            worker.desk.start()
        threading.Thread(target=_look_after, args=[worker], name="weights", daemon=True).start()

    @worker_shutting_down.connect(weak=False)
    def leaving(**_: Any) -> None:
        worker.stop()


class Queues:
    """Has the worker consume the queues of new weights and keys, and no longer those of keys that
    it has lost: another worker may hold them."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._consumed: set[str] = set()

    def follow(self, services: Sequence[str]) -> None:
        served, control = set(services), current_app.control
        for service in served - self._consumed:
            if self._tell(control.add_consumer, service):
                self._consumed.add(service)
        for service in [each for each in self._consumed - served if is_remote(each)]:
            if self._tell(control.cancel_consumer, service):
                self._consumed.discard(service)

    def _tell(self, what: Callable[..., Any], service: str) -> bool:
        try:
            what(queue_of(service), destination=[self._node])
        except OperationalError as error:
            logger.warning("not consuming what is served yet: %s: %s", service, error)
            return False
        return True


def _run(worker: Worker) -> None:
    served = worker.serves()
    own = sum(is_remote(service) for service in served)
    keys = max(own, FEWEST_KEYS) if worker.remote else 0
    local = THREADS_PER_SLOT * worker.host.slots * max(FEWEST_MODELS, len(served) - own)
    queues = [queue_of(service) for service in served]
    current_app.worker_main(
        ["-q", "worker", "--pool=threads", f"--hostname={_node(worker)}",
         f"--concurrency={local + worker.host.remote_slots * keys}",
         f"--queues={','.join(queues) or 'none'}",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    )  # fmt: skip


def _node(worker: Worker) -> str:
    return f"inference@{worker.name}"
