"""The one error a person or a program meets: a sentence, a code, an HTTP status."""

from __future__ import annotations

from enum import StrEnum, auto


class Code(StrEnum):
    """What was refused, for programs and for the few places that tell one from another."""

    # What was asked
    BAD_REQUEST = auto()
    METHOD = auto()
    MISSING = auto()
    NO_SUCH_BATTLE = auto()
    NO_SUCH_CAMPAIGN = auto()
    NO_SUCH_CHOICE = auto()
    NOT_YOURS = auto()
    # A battle and its vote
    EMPTY_PROMPT = auto()
    LONG_PROMPT = auto()
    TOO_MANY_TURNS = auto()
    UNFINISHED = auto()
    BATTLE_OVER = auto()
    SILENT = auto()
    FAILED = auto()
    VOID = auto()
    VOTED = auto()
    UNKNOWN_VERDICT = auto()
    # Campaigns
    CLOSED = auto()
    NOT_YET = auto()
    NOT_PREPARED = auto()
    PREPARED = auto()
    ALL_JUDGED = auto()
    # What is there to do it
    BUSY = auto()
    BROKER_AWAY = auto()
    NOT_IN_SERVICE = auto()
    # What admins ask for
    BAD_FILE = auto()
    BAD_PROMPTS = auto()
    NO_LABELLER = auto()
    NO_REASON = auto()
    NOTHING_TO_EXPORT = auto()
    NOTHING_TO_MAKE = auto()
    NOTHING_TO_PUBLISH = auto()


class Refused(Exception):
    """What was asked can't be done; nothing has changed. The message says what to do."""

    def __init__(
        self, message: str, *, code: Code, status: int = 409, is_thanks: bool = False
    ) -> None:
        super().__init__(message)
        self.is_thanks = is_thanks  # nothing is wrong: there is nothing left to do
        self.code = code
        self.status = status
