"""The one error of this package."""

from __future__ import annotations


class EngineError(Exception):
    """Something could not be run; the message is a sentence that says what, and what to do.

    `permanent` tells the caller whether the same thing tried again would fail again.
    """

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent
