"""The one error of this package."""

from __future__ import annotations


class EngineError(Exception):
    """Something could not be run; the message is a sentence that says what, and what to do.

    `permanent` tells the caller whether the same thing tried again would fail again, `of_prompt`
    whether what was asked is to blame, and not who was asked.
    """

    def __init__(self, sentence: str, *, permanent: bool, of_prompt: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.of_prompt = of_prompt
