"""Takes results of model workers and passes them to the tasks that their tickets name."""

from __future__ import annotations

import logging
import threading

import redis
from celery import Celery

from inference.contract import loops, request_ids, results
from inference.contract.limits import STREAMS
from inference.contract.results import Posted

from .. import broker, processes
from . import tickets

LOOP = "receiver of results"
logger = logging.getLogger(__name__)


class Receiver(threading.Thread):
    """A thread of each core worker: they share the work."""

    def __init__(self, app: Celery, connection: redis.Redis) -> None:
        super().__init__(name="results", daemon=True)
        self._app = app
        self._connection = connection
        self._stopped = threading.Event()

    def run(self) -> None:
        is_well = True
        while not self._stopped.is_set():
            loops.turn(LOOP)
            try:
                self.receive()
                is_well = True
                continue
            except broker.AWAY as error:
                if is_well:
                    logger.warning("No results are received: the broker is away: %s", error)
            except Exception:  # whatever somebody may have written there: this thread must go on
                logger.exception("results could not be received")
            is_well = False
            self._stopped.wait(STREAMS.again_s)

    def stop(self) -> None:
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=2)
        loops.leave(LOOP)

    def receive(self) -> None:
        for posted in results.take(self._connection, processes.name()):
            try:
                self._pass_on(posted)
            except broker.AWAY:
                raise  # it is taken again
            except Exception:  # it would be taken again and again, and the others with it
                logger.exception("a result could not be passed on")
            results.strike_out(self._connection, posted)

    def _pass_on(self, posted: Posted) -> None:
        try:
            result = posted.result()
            ticket = tickets.checked(posted.ticket, result)
        except (tickets.Forged, ValueError) as error:
            logger.warning("A result is not recorded: %s", error)
            return
        with request_ids.of(result.get("request_id")):
            self._app.send_task(ticket.task, [result], ticket.about, queue=processes.CORE)
