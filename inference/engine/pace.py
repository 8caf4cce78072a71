"""How much of a prompt to read in one step, and the recent throughput."""

from __future__ import annotations

import threading
import time
from collections import deque

STALL_S = 0.1  # how long reading a prompt may delay answers being generated
ALONE_S = 0.5  # how long it may delay a cancellation or a new answer
SMALLEST_CHUNK = 16  # tokens; a smaller chunk takes about as long as a single token
EXACT_CHUNK = 128  # tokens, for a seeded answer that is alone: independent of speed
WINDOW_S = 5.0


class Pace:
    """Chooses the chunk size for prompts from the measured speed of this machine."""

    def __init__(self, batch_tokens: int) -> None:
        self._most = batch_tokens
        self._tokens_per_second = 0.0

    def chunk(self, *, others_write: bool) -> int:
        """How many tokens of prompts to read in this step."""
        seconds = STALL_S if others_write else ALONE_S
        return min(self._most, max(SMALLEST_CHUNK, int(self._tokens_per_second * seconds)))

    def observe(self, tokens: int, seconds: float) -> None:
        if tokens >= SMALLEST_CHUNK:
            weight = 0.3 if self._tokens_per_second else 1.0
            self._tokens_per_second += weight * (tokens / seconds - self._tokens_per_second)


class Throughput:
    """Tokens per second over the last `WINDOW_S`. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: deque[tuple[float, int]] = deque()

    def count(self, tokens: int) -> None:
        with self._lock:
            self._counts.append((time.monotonic(), tokens))
            self._forget()

    def per_second(self) -> float:
        with self._lock:
            self._forget()
            return sum(tokens for _, tokens in self._counts) / WINDOW_S

    def _forget(self) -> None:
        oldest = time.monotonic() - WINDOW_S
        while self._counts and self._counts[0][0] < oldest:
            self._counts.popleft()
