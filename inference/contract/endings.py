"""Why an answer ended: one word for it from the engine to the page and the files of votes."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"  # the model ended it, or a stop string came
    LENGTH = "length"  # max_tokens, or the context is full
    CANCELLED = "cancelled"  # by whoever asked for it
    ABANDONED = "abandoned"  # nobody watched any more
    DEADLINE = "deadline"  # its time was up, counted from its slot
    FILTERED = "filtered"  # an API's own filter ended it
    OVERDUE = "overdue"  # never begun: no slot was free for as long as it was worth waiting
    ERROR = "error"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        """Of another version: its answer may have been cut, so it must not count as complete."""
        return cls.ERROR

    @property
    def is_failure(self) -> bool:
        """Whether there is no answer: its attempt failed, and another may follow."""
        return self in (FinishReason.ERROR, FinishReason.OVERDUE)

    @property
    def is_cut(self) -> bool:
        """Whether the model would have gone on: what there is of the answer may be judged, but it
        must be said."""
        return self is not FinishReason.STOP and not self.is_failure
