import os
import sys
import threading

import pytest

from ratings.core import RatingsError
from ratings.core.uncertainty.threads import in_threads, use_threads


def test_use_threads_shares_the_work_out() -> None:
    both = threading.Barrier(2, timeout=10)  # passed only if both threads wait at once
    with use_threads(2):
        assert in_threads(lambda part: (both.wait() >= 0, part), [3, 1]) == [(True, 3), (True, 1)]


def test_use_threads_one_is_the_callers_own() -> None:
    with use_threads(1):
        assert in_threads(lambda _: threading.get_ident(), range(3)) == [threading.get_ident()] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is the system's own")
def test_in_threads_takes_no_more_than_it_may_run_on() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert in_threads(lambda _: threading.get_ident(), range(3)) == [threading.get_ident()] * 3
    finally:
        os.sched_setaffinity(0, allowed)


def test_in_threads_passes_on_what_work_raises() -> None:
    with use_threads(2), pytest.raises(ZeroDivisionError):
        in_threads(lambda part: 1 / part, [1, 0, 2])


def test_use_threads_needs_one() -> None:
    with pytest.raises(RatingsError, match="threads=0"), use_threads(0):
        pass
