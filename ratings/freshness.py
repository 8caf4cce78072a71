"""Caching of what depends on the newest snapshots.

Within `CACHES.fresh_s` the cache does not even check which snapshot is the newest of all, so a
cached result needs no database query; a vote still shows within two seconds. Each language has its
own cache, since what is in it may hold words.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.utils.translation import get_language

from .limits import CACHES
from .models import Snapshot

MOST_KEPT = 256
P = ParamSpec("P")
T = TypeVar("T")


class Memo:
    """The last `MOST_KEPT` results. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, object] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: object) -> object:
        return self._kept.get(key)

    def keep(self, key: object, found: object) -> None:
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class Epoch(Memo):
    """The cache while one snapshot is the newest; dropped with it, and after `CACHES.stale_s`.

    A caller that began in an epoch that has since ended still stores its result there, where it
    cannot be served stale.
    """

    def __init__(self, newest: int | None, began: float) -> None:
        super().__init__()
        self.newest = newest
        self.began = self.asked = began


class Epochs:
    """The epochs of this process. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.end()

    def end(self) -> None:
        self._last = Epoch(None, self.clock() - CACHES.stale_s)

    def now(self) -> Epoch:
        """The current epoch, checked less than `CACHES.fresh_s` ago."""
        now = self.clock()
        epoch = self._last
        if now - epoch.asked > CACHES.fresh_s:
            newest = Snapshot.objects.order_by("-pk").values_list("pk", flat=True).first()
            if newest != epoch.newest or now - epoch.began > CACHES.stale_s:
                self._last = epoch = Epoch(newest, now)
            epoch.asked = now
        return epoch


epochs = Epochs()


def for_an_epoch(question: Callable[P, T]) -> Callable[P, T]:
    """Cache a result that changes only with the newest snapshot, such as which is the newest of a
    board. Arguments must be hashable; None is not cached."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        epoch = epochs.now()
        key = (question, get_language(), *args, *sorted(kwargs.items()))
        if (found := epoch.find(key)) is not None:
            return cast(T, found)
        answer = question(*args, **kwargs)
        epoch.keep(key, answer)
        return answer

    return asked


_moments = Memo()


def for_a_moment(question: Callable[P, T]) -> Callable[P, T]:
    """Cache for a second what every page needs and what seldom changes, such as the list of
    campaigns. Arguments must be hashable."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (question, get_language(), *args, *sorted(kwargs.items()))
        now = epochs.clock()
        kept = cast("tuple[float, T] | None", _moments.find(key))
        if kept is None or now - kept[0] >= CACHES.moment_s:
            kept = now, question(*args, **kwargs)
            _moments.keep(key, kept)
        return kept[1]

    return asked


def clear() -> None:
    """Empty all caches."""
    epochs.end()
    _moments.clear()
