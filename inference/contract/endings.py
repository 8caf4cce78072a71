"""Why an answer ended: one set of words from the engine to the page and the exported files."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"  # the model ended it, or it reached a stop string
    LENGTH = "length"  # max_tokens, or the context is full
    CANCELLED = "cancelled"  # by its voter
    ABANDONED = "abandoned"  # nobody watched any more
    DEADLINE = "deadline"  # it took too long, counted from when it got a slot
    FILTERED = "filtered"  # an API's own filter ended it
    OVERDUE = "overdue"  # never begun: it got no slot within its patience
    ERROR = "error"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        """A reason from another version: the answer may be cut, so it must not pass as complete."""
        return cls.ERROR

    @property
    def is_failure(self) -> bool:
        """Whether there is no answer: its attempt failed, and another may follow."""
        return self in (FinishReason.ERROR, FinishReason.OVERDUE)

    @property
    def is_cut(self) -> bool:
        """Whether the model would have gone on. The answer can be judged, but is marked as cut."""
        return self is not FinishReason.STOP and not self.is_failure
