"""Sends the keys in the database to the model workers, sealed."""

from __future__ import annotations

from django.conf import settings

from inference.contract import sealing

from .. import broker
from . import stored


def deliver() -> None:
    """All of them, each time: a worker drops those that are missing."""
    with broker.spared("model workers were not sent the API keys"):
        sealing.send(broker.connection(), settings.WORKER_SECRET, stored.readable())
