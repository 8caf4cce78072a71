"""A thread with a large stack, for C++ that recurses once per character of its input."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

STACK_BYTES = 256 << 20  # of address space; only used pages take memory

T = TypeVar("T")
_starting = threading.Lock()  # the stack size of new threads is global to the process


def call_deep(act: Callable[[], T]) -> T:
    """Call `act` in a thread with a large stack. Returns or raises what it does."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        with _starting:
            usual = threading.stack_size(STACK_BYTES)
            try:
                outcome = thread.submit(act)
            finally:
                threading.stack_size(usual)
        return outcome.result()
