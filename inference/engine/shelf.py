"""Engines for several weights in one process, within a memory limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from ..contract.errors import EngineError
from .engine import Engine
from .hardware import USUAL, Hardware
from .inspection import inspect
from .trial import try_out

PATIENCE_S = 60.0
TURN_S = 5.0  # a request that has waited this long for room takes precedence


class _Place:
    """Room on the shelf, reserved before the engine loads and until it is closed."""

    def __init__(self, needed: int) -> None:
        self.bytes = needed
        self.leases = 0
        self.outdated = False  # its file has changed
        self.engine: Engine | None = None
        self.failure: EngineError | None = None
        self.loading = threading.Lock()

    @property
    def idle(self) -> bool:
        return not self.leases and self.engine is not None

    @property
    def spent(self) -> bool:
        """Whether it takes no new leases."""
        return self.outdated or (self.engine is not None and not self.engine.alive)


class Shelf:
    """Engines that share `ram_bytes` of memory.

    Weights are loaded on first use and stay. When room is needed, the least recently used idle
    engines are evicted. Engines in use are never evicted: a lease waits for them. With `try_first`,
    weights are tried out in a child process before this one loads them. Thread-safe.
    """

    def __init__(
        self,
        ram_bytes: int,
        *,
        slots: int = 8,
        context: int = 4096,
        hardware: Hardware = USUAL,
        try_first: bool = True,
    ) -> None:
        self.ram_bytes = ram_bytes
        self.slots = slots
        self.context = context
        self.hardware = hardware
        self._try_first = try_first
        self._changed = threading.Condition()
        self._places: dict[Path, _Place] = {}  # in order of last use
        self._waiting: list[float] = []  # start times of the requests that wait for room
        self._closed = False

    @property
    def engines(self) -> list[Engine]:
        """The engines that are loaded now."""
        with self._changed:
            return [place.engine for place in self._places.values() if place.engine]

    @property
    def reserved_bytes(self) -> int:
        """The estimated memory of all engines that are loaded or loading."""
        with self._changed:
            return self._reserved()

    def has_room(self, weights: Path) -> bool:
        """Whether `weights` are loaded, or fit without an eviction. Raises as `lease` does."""
        needed = self._needed(weights)
        with self._changed:
            return weights in self._places or self._reserved() + needed <= self.ram_bytes

    def can_lease(self, weights: Path) -> bool:
        """Whether a lease would not wait for those of others. Raises as `lease` does."""
        needed = self._needed(weights)
        with self._changed:
            place = self._places.get(weights)
            has_place = place is not None and not place.spent
            fits = has_place or self._could_fit(needed)
            return fits and not self._others_turn(time.monotonic())

    def renew(self, weights: Path) -> None:
        """Reload `weights` on their next use: their file has changed or was deleted. The stale
        engine is freed as soon as it is idle."""
        with self._changed:
            if place := self._places.get(weights):
                place.outdated = True
                self._release(weights, place)

    @contextmanager
    def lease(self, weights: Path, *, patience_s: float = PATIENCE_S) -> Iterator[Engine]:
        """Lease the engine of `weights` while an answer is generated; loads it if need be.

        Raises EngineError: permanent if the weights cannot be used or can never fit; not permanent
        if engines in use left no room for `patience_s` seconds, or the shelf is closed. A thread
        must not take a second lease while it holds one: it could wait for itself.
        """
        place = self._occupy(weights, patience_s)
        try:
            yield self._engine_of(place, weights)
        finally:
            with self._changed:
                place.leases -= 1
                self._release(weights, place)
                self._changed.notify_all()

    def close(self) -> None:
        """Close all engines; their unfinished answers end with an error. Idempotent."""
        with self._changed:
            self._closed = True
            engines = [place.engine for place in self._places.values() if place.engine]
            self._places.clear()
            self._changed.notify_all()
        for engine in engines:
            engine.close()

    def _occupy(self, weights: Path, patience_s: float) -> _Place:
        since = time.monotonic()
        needed = self._needed(weights)
        with self._changed:
            self._waiting.append(since)
            try:
                while (place := self._place(weights, needed, since)) is None:
                    self._wait(weights, needed, since + patience_s)
            finally:
                self._waiting.remove(since)
                self._changed.notify_all()
            place.leases += 1
            self._places.pop(weights, None)
            self._places[weights] = place
            return place

    def _needed(self, weights: Path) -> int:
        needed = _memory(weights, _written(weights), self.slots, self.context, self.hardware)
        if needed > self.ram_bytes:
            raise EngineError(
                f"{weights.name} needs {_gb(needed)} of memory for {self.slots} answers of "
                f"{self.context:,} tokens, but this worker may use {_gb(self.ram_bytes)}. "
                "Allow it more, or use fewer slots or a shorter context.",
                permanent=True,
            )
        return needed

    def _place(self, weights: Path, needed: int, since: float) -> _Place | None:
        """The place of `weights`, or a new one if there is room. None if the caller has to wait."""
        if self._closed:
            raise EngineError("This worker is stopping.", permanent=False)
        if self._others_turn(since):
            return None
        place = self._places.get(weights)
        if place and not place.spent:
            return place
        if place and place.leases:
            return None
        if place:
            self._evict(weights)
        return _Place(needed) if self._make_room(needed) else None

    def _others_turn(self, since: float) -> bool:
        now = time.monotonic()
        return any(other < since and now - other > TURN_S for other in self._waiting)

    def _wait(self, weights: Path, needed: int, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            taken = self._reserved()
            raise EngineError(
                f"{weights.name} needs {_gb(needed)} of memory, but of this worker's "
                f"{_gb(self.ram_bytes)}, models in use take {_gb(taken)}. Try again later.",
                permanent=False,
            )
        self._changed.wait(left)

    def _make_room(self, needed: int) -> bool:
        """Evict idle engines, unless even that would not make enough room."""
        if not self._could_fit(needed):
            return False
        while self._reserved() + needed > self.ram_bytes:
            self._evict(next(weights for weights, place in self._places.items() if place.idle))
        return True

    def _could_fit(self, needed: int) -> bool:
        could_free = sum(place.bytes for place in self._places.values() if place.idle)
        return self._reserved() - could_free + needed <= self.ram_bytes

    def _evict(self, weights: Path) -> None:
        engine = self._places.pop(weights).engine
        if engine:
            engine.close()

    def _release(self, weights: Path, place: _Place) -> None:
        """Free a stale engine once it is idle."""
        if place.outdated and place.idle and self._places.get(weights) is place:
            self._evict(weights)

    def _reserved(self) -> int:
        return sum(place.bytes for place in self._places.values())

    def _engine_of(self, place: _Place, weights: Path) -> Engine:
        """The engine at `place`. The first thread loads it; others wait, and share a failure."""
        with place.loading:
            if place.failure:
                raise EngineError(str(place.failure), permanent=place.failure.permanent)
            if not place.engine:
                self._fill(place, weights)
            return self._kept(place)

    def _fill(self, place: _Place, weights: Path) -> None:
        try:
            if self._try_first:
                _tried(weights, _written(weights), self.hardware)
            place.engine = Engine(
                weights, slots=self.slots, context=self.context, hardware=self.hardware
            )
        except EngineError as error:
            place.failure = error
            raise
        finally:
            if place.engine is None:
                self._give_up(place, weights)

    def _give_up(self, place: _Place, weights: Path) -> None:
        with self._changed:
            if self._places.get(weights) is place:
                del self._places[weights]
            self._changed.notify_all()

    def _kept(self, place: _Place) -> Engine:
        assert place.engine is not None
        with self._changed:
            if not self._closed:
                return place.engine
        place.engine.close()  # the shelf was closed while it loaded
        raise EngineError("This worker is stopping.", permanent=False)


def _written(weights: Path) -> tuple[int, int]:
    """The time and size of a file, as cache keys that change with it."""
    try:
        status = weights.stat()
    except OSError:
        return 0, 0  # reading it will raise the error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=256)
def _memory(weights: Path, _: tuple[int, int], slots: int, context: int, hardware: Hardware) -> int:
    return inspect(weights).memory(slots=slots, context=context, hardware=hardware)


@lru_cache(maxsize=256)
def _tried(weights: Path, _: tuple[int, int], hardware: Hardware) -> None:
    try_out(weights, hardware=hardware)


def _gb(size: int) -> str:
    return f"{size / 1e9:,.2f} GB"
