"""A thread with room for C++ that calls itself once for every character of its input."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

STACK_BYTES = 256 << 20  # of addresses; only what is used takes memory

T = TypeVar("T")
_starting = threading.Lock()  # the size of new stacks is one for the whole process


def call_deep(act: Callable[[], T]) -> T:
    """What `act` returns or raises, from a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        with _starting:
            usual = threading.stack_size(STACK_BYTES)
            try:
                outcome = thread.submit(act)
            finally:
                threading.stack_size(usual)
        return outcome.result()
