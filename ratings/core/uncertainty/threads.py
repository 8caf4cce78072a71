"""Work shared among threads: numpy releases the GIL while it works on large arrays."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from ratings.core.data.errors import RatingsError

Part = TypeVar("Part")
Result = TypeVar("Result")

# More threads would compete for memory bandwidth and use more memory.
MAX_THREADS = 4

_chosen: ContextVar[int | None] = ContextVar("chosen", default=None)


@contextmanager
def use_threads(threads: int) -> Iterator[None]:
    """Rate with this many threads inside `with`; 1 keeps all work on the caller's thread.

    By default the bootstrap uses one thread per available processor, at most `MAX_THREADS`. Results
    do not depend on the number of threads.

    Raises:
        RatingsError: threads below one.
    """
    if threads < 1:
        raise RatingsError(f"threads={threads} is not at least one.")
    before = _chosen.set(threads)
    try:
        yield
    finally:
        _chosen.reset(before)


def in_threads(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """Results of `work` on each part, in order; raises what `work` raises."""
    threads = _chosen.get() or min(_processors(), MAX_THREADS)
    if threads == 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))


def _processors() -> int:
    """Processors this process may run on: `taskset` and containers may restrict them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
