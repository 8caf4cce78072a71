"""Run a model worker: `python manage.py inference_worker --help`.

It needs the broker (`REDIS_URL`) and a folder of GGUF weights (`WEIGHTS_DIR`), but no database.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import redis
from celery import current_app
from celery.signals import worker_ready, worker_shutting_down
from celery.worker.consumer import Consumer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from evenhand.machine import usable_memory
from inference.contract import private_hosts
from inference.contract.asking import Asking
from inference.contract.broker import connect
from inference.contract.counting import Counting
from inference.contract.errors import EngineError
from inference.contract.requests import is_remote, queue_of
from inference.engine import Hardware
from inference.worker import options
from inference.worker.backends import Host, llama_cpp
from inference.worker.fetching.answering import answer
from inference.worker.service import Worker, serve

LOOK_EVERY_S = 2.0  # interval of checks of the folder with weights
RAM_SHARE = 0.75  # default share of the memory this process may use
# An answer occupies a thread. Threads are started only when needed, so that there can be many.
FEWEST_MODELS = 64  # to have threads for, since new weights are served without a restart
FEWEST_KEYS = 64  # likewise, since the site may send new ones

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Answer with the GGUF models in WEIGHTS_DIR. Needs REDIS_URL, and no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        options.add(parser, settings.MODEL_THREADS)

    def handle(self, *args: Any, **given: Any) -> None:
        if wrong := private_hosts.objections():
            sys.exit(f"✗ {wrong[0]}")
        ram = given["ram_gb"] or RAM_SHARE * usable_memory() / 1e9
        host = Host(
            settings.WEIGHTS_DIR,
            int(ram * 1e9),
            given["slots"],
            given["context"],
            _hardware(given),
            remote_slots=given["remote_slots"],
        )
        connection = _broker(settings.REDIS_URL)
        models = tuple(given["models"])
        remote, secret = given["remote"], settings.WORKER_SECRET
        worker = Worker(
            connection, host, models=models, remote=remote, secret=secret, grace_s=given["grace"]
        )
        if absent := set(models) - {file.stem for file in host.folder.glob("*.gguf")}:
            sys.exit(f"✗ There are no weights {', '.join(sorted(absent))} in {host.folder}.")
        serve(worker)
        worker.inventory.look()
        _follow(worker)
        _run(worker)
        worker.close()


def _hardware(given: Mapping[str, Any]) -> Hardware:
    try:
        return options.hardware(given)
    except EngineError as error:
        sys.exit(f"✗ {error}")


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

    @worker_ready.connect(weak=False)
    def ready(sender: Consumer, **_: Any) -> None:
        queues = Queues(sender)

        def look() -> None:
            if worker.keyring is not None:
                worker.keyring.look()
            queues.follow(worker.serves())

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
    """Has Celery consume the queues of new weights and keys, and no longer those of keys that the
    worker has lost: another worker may hold them."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def follow(self, services: Sequence[str]) -> None:
        """Celery's own thread does it, while it is connected; so this is called again and again."""
        self._consumer.call_soon(self._follow, frozenset(services))

    def _follow(self, served: frozenset[str]) -> None:
        consumed = getattr(self._consumer, "task_consumer", None)
        if consumed is None:  # not connected
            return
        for service in served:
            if not consumed.consuming_from(queue_of(service)):
                self._consumer.add_task_queue(queue_of(service))
        for queue in {queue.name for queue in consumed.queues} - {
            queue_of(each) for each in served
        }:
            if is_remote(queue.removeprefix(queue_of(""))):
                self._consumer.cancel_task_queue(queue)


def _run(worker: Worker) -> None:
    served = worker.serves()
    own = sum(is_remote(service) for service in served)
    keys = max(own, FEWEST_KEYS) if worker.remote else 0
    slots = worker.host.slots * max(FEWEST_MODELS, len(served) - own)
    slots += worker.host.remote_slots * keys
    queues = [queue_of(service) for service in served]
    current_app.conf.broker_transport_options = {
        **current_app.conf.broker_transport_options,
        "has_room": worker.has_room,
    }
    current_app.worker_main(
        ["-q", "worker", "--pool=threads", f"--hostname={_node(worker)}",
         f"--concurrency={slots}",
         f"--queues={','.join(queues) or queue_of('')}",
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    )  # fmt: skip


def _node(worker: Worker) -> str:
    return f"inference@{worker.name}"
