"""Run a model worker: `python manage.py inference_worker [--slots N] [--context TOKENS]`.

It needs the broker (`REDIS_URL`) and a folder of GGUF weights (`WEIGHTS_DIR`): no database.
"""

from __future__ import annotations

import sys
from typing import Any

import redis
from celery import current_app
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from inference.requests import queue_of
from inference.worker import Worker, serve


class Command(BaseCommand):
    help = "Answer with the GGUF models in WEIGHTS_DIR. Needs REDIS_URL, and no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slots", type=int, default=8, help="answers decoded together")
        parser.add_argument("--context", type=int, default=4096, help="tokens per answer")

    def handle(self, *args: Any, slots: int, context: int, **options: Any) -> None:
        connection = redis.Redis.from_url(settings.REDIS_URL)
        worker = Worker(settings.WEIGHTS_DIR, connection, slots=slots, context=context)
        weights = worker.weights()
        if not weights:
            sys.exit(
                f"✗ There are no *.gguf weights in {settings.WEIGHTS_DIR}. Put some there, or set "
                "WEIGHTS_DIR."
            )
        serve(worker)

        for name in weights:  # before the first heartbeat: nobody waits for a model to load
            worker.engine(name)

        @worker_ready.connect(weak=False)
        def ready(**_: Any) -> None:
            worker.pulse.start()

        @worker_shutting_down.connect(weak=False)
        def leaving(**_: Any) -> None:
            worker.pulse.stop()

        queues = ",".join(queue_of(name) for name in weights)
        current_app.worker_main(
            ["-q", "worker", "--pool=threads", f"--concurrency={slots}", f"--queues={queues}",
             f"--hostname={worker.name}", "--without-gossip", "--without-mingle",
             "--loglevel=WARNING"]
        )  # fmt: skip
        worker.close()
