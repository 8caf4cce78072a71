"""Penalties on tokens that came lately, by llama.cpp's formulas."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from ..contract.sampling import Sampling

WINDOW = 64  # tokens they look back on, llama.cpp's default


class Penalties:
    """Of one answer. Here and not in llama.cpp's chain, because they decide which tokens are the
    likeliest: only those are shown to the chain."""

    def __init__(self, sampling: Sampling) -> None:
        self._repeat = np.float32(sampling.repeat_penalty)
        self._frequency = np.float32(sampling.frequency_penalty)
        self._presence = np.float32(sampling.presence_penalty)
        off = self._repeat == 1 and self._frequency == 0 and self._presence == 0
        self._recent: deque[int] = deque(maxlen=0 if off else WINDOW)

    def accept(self, tokens: Iterable[int]) -> None:
        """Take note of what was said."""
        self._recent.extend(tokens)

    @contextmanager
    def applied(self, logits: np.ndarray) -> Iterator[None]:
        """Within it `logits` (vocabulary,) are the penalised ones."""
        if not self._recent:
            yield
            return
        tokens, counts = np.unique(self._recent, return_counts=True)
        plain = logits[tokens]
        repeated = np.where(plain <= 0, plain * self._repeat, plain / self._repeat)
        logits[tokens] = repeated - (counts * self._frequency + self._presence)
        yield
        logits[tokens] = plain
