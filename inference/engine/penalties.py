"""Penalties on recent tokens, by llama.cpp's formulas."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from ..contract.sampling import Sampling

WINDOW = 64  # number of recent tokens considered; llama.cpp's default


class Penalties:
    """The penalties of one answer. Applied here and not in llama.cpp's chain, since the chain sees
    only the likeliest tokens, and the penalties decide which these are."""

    def __init__(self, sampling: Sampling) -> None:
        self._repeat = np.float32(sampling.repeat_penalty)
        self._frequency = np.float32(sampling.frequency_penalty)
        self._presence = np.float32(sampling.presence_penalty)
        off = self._repeat == 1 and self._frequency == 0 and self._presence == 0
        self._recent: deque[int] = deque(maxlen=0 if off else WINDOW)

    def accept(self, tokens: Iterable[int]) -> None:
        """Record tokens of the prompt or the answer."""
        self._recent.extend(tokens)

    @contextmanager
    def applied(self, logits: np.ndarray) -> Iterator[None]:
        """Penalise `logits` (vocabulary,) in place within the block."""
        if not self._recent:
            yield
            return
        tokens, counts = np.unique(self._recent, return_counts=True)
        plain = logits[tokens]
        repeated = np.where(plain <= 0, plain * self._repeat, plain / self._repeat)
        logits[tokens] = repeated - (counts * self._frequency + self._presence)
        yield
        logits[tokens] = plain
