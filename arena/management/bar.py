"""A progress bar on a terminal; prints nothing elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from django.core.management.base import OutputWrapper

WIDTH = 30
STEP = 0.01


class Bar:
    """Called with the fraction done, 0 to 1."""

    def __init__(self, out: OutputWrapper, label: str) -> None:
        self._out = out
        self._label = label
        self._shown = -1.0

    def __call__(self, done: float) -> None:
        if self._out.isatty() and abs(done - self._shown) >= STEP:
            bar = "█" * int(WIDTH * done)
            self._out.write(f"\r  {bar:<{WIDTH}} {done:>4.0%} {self._label}", ending="")
            self._out.flush()
            self._shown = done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown >= 0:
            self._out.write("")
