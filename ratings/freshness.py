"""How long what was found out about the newest snapshots holds.

For `FRESH_S` it is not even asked which snapshot is the newest of all, so what is known already
costs no question to the database; a vote still shows within two seconds.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from .models import Snapshot

FRESH_S = 0.4
MOMENT_S = 1.0
STALE_S = 30.0  # names and cards may be edited without a new snapshot
MOST_KEPT = 256
P = ParamSpec("P")
T = TypeVar("T")


class Epoch:
    """What was found out since a snapshot is the newest; given up with it, and after `STALE_S`.

    Who began in an epoch that has ended meanwhile keeps what they find there, where nobody looks.
    """

    def __init__(self, newest: int | None, began: float) -> None:
        self.newest = newest
        self.began = self.asked = began
        self._kept: OrderedDict[object, object] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: object) -> object:
        return self._kept.get(key)

    def keep(self, key: object, found: object) -> None:
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


class Epochs:
    """Those of this process, one after the other. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.end()

    def end(self) -> None:
        self._last = Epoch(None, self.clock() - STALE_S)

    def now(self) -> Epoch:
        """As of less than `FRESH_S` ago."""
        now = self.clock()
        epoch = self._last
        if now - epoch.asked > FRESH_S:
            newest = Snapshot.objects.order_by("-pk").values_list("pk", flat=True).first()
            if newest != epoch.newest or now - epoch.began > STALE_S:
                self._last = epoch = Epoch(newest, now)
            epoch.asked = now
        return epoch


epochs = Epochs()


def for_an_epoch(question: Callable[P, T]) -> Callable[P, T]:
    """For what can change only with the newest snapshot, such as which is the newest of a board.
    Arguments must be hashable; the answer None is not kept."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        epoch = epochs.now()
        key = (question, *args, *sorted(kwargs.items()))
        if (found := epoch.find(key)) is not None:
            return cast(T, found)
        answer = question(*args, **kwargs)
        epoch.keep(key, answer)
        return answer

    return asked


_moments: dict[tuple[object, ...], tuple[float, object]] = {}


def for_a_moment(question: Callable[P, T]) -> Callable[P, T]:
    """For what every page asks and what seldom changes, such as which campaigns there are: asked
    once a second. Arguments must be hashable, and few."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (question, *args, *sorted(kwargs.items()))
        now = epochs.clock()
        at, answer = _moments.get(key, (now - MOMENT_S, None))
        if now - at >= MOMENT_S:
            answer = question(*args, **kwargs)
            _moments[key] = now, answer
        return cast(T, answer)

    return asked


def clear() -> None:
    """Forget everything."""
    epochs.end()
    _moments.clear()
