"""What /metrics answers, to whoever knows METRICS_TOKEN; without one there is no such page."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.db import connections
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from ..web_life import Page
from .collector import Arena

FRESH_S = 3.0  # several servers may ask, as often as they like
_lock = threading.Lock()


class _Kept(NamedTuple):
    text: bytes = b""
    at: float = -FRESH_S


_kept = _Kept()


def answer(headers: Iterable[tuple[bytes, bytes]]) -> Page:
    if not settings.METRICS_TOKEN:
        return Page(HTTPStatus.NOT_FOUND, b"METRICS_TOKEN is not set.\n")
    given = dict(headers).get(b"authorization", b"")
    if not hmac.compare_digest(given, b"Bearer " + settings.METRICS_TOKEN.encode()):
        return Page(HTTPStatus.UNAUTHORIZED, b"This needs: Authorization: Bearer METRICS_TOKEN\n")
    return Page(HTTPStatus.OK, _text(), CONTENT_TYPE_LATEST)


def _text() -> bytes:
    """Collected once for all who ask at the same time."""
    global _kept  # noqa: PLW0603 - the one thing that is kept
    with _lock:
        if time.monotonic() - _kept.at >= FRESH_S:
            try:
                _kept = _Kept(collected(), time.monotonic())
            finally:
                connections.close_all()
        return _kept.text


def collected() -> bytes:
    registry = CollectorRegistry()
    registry.register(Arena())
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]
