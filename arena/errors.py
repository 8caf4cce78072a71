"""The one error a visitor meets: a sentence, a code for programs, an HTTP status."""

from __future__ import annotations


class Refusal(Exception):
    """The request can't be carried out; nothing has changed. The message says what to do."""

    def __init__(
        self, message: str, *, code: str, status: int = 409, is_thanks: bool = False
    ) -> None:
        super().__init__(message)
        self.is_thanks = is_thanks  # nothing is wrong: there is nothing left to do
        self.code = code
        self.status = status
