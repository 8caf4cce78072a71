"""The one error of this package."""

from __future__ import annotations


class EngineError(Exception):
    """Something could not be run; the message is a sentence that says what, and what to do.

    `permanent` tells the caller whether a retry would fail again, `of_prompt` whether the prompt is
    to blame rather than the model.
    """

    def __init__(self, sentence: str, *, permanent: bool, of_prompt: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.of_prompt = of_prompt
