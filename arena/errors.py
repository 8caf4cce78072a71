"""The one error that people and programs see: a sentence, a code and an HTTP status."""

from __future__ import annotations

from enum import StrEnum, auto


class Code(StrEnum):
    """Error codes, for programs and for the few places that distinguish between errors."""

    # The request
    BAD_REQUEST = auto()
    EXPIRED = auto()
    METHOD = auto()
    MISSING = auto()
    NO_SUCH_BATTLE = auto()
    NO_SUCH_CAMPAIGN = auto()
    NO_SUCH_CHAT = auto()
    NO_SUCH_CHOICE = auto()
    NOT_YOURS = auto()
    # A battle and its vote
    EMPTY_PROMPT = auto()
    LONG_PROMPT = auto()
    OTHER_LANGUAGE = auto()
    WARNED = auto()
    BLOCKED = auto()
    TOO_MANY_TURNS = auto()
    UNFINISHED = auto()
    BATTLE_OVER = auto()
    SILENT = auto()
    FAILED = auto()
    VOID = auto()
    SKIPPED = auto()
    VOTED = auto()
    UNKNOWN_VERDICT = auto()
    NOT_VOTED = auto()
    TOO_LATE = auto()
    NOT_SHARED = auto()
    NOT_TOLD = auto()
    # What a voter asks about their own votes
    NO_SUCH_VOTE = auto()
    EMPTY_OBJECTION = auto()
    LONG_OBJECTION = auto()
    OBJECTION_OPEN = auto()
    TOO_MANY_OBJECTIONS = auto()
    ANSWERED = auto()
    BAD_CODE = auto()
    NOBODY = auto()
    NOT_SURE = auto()
    # Campaigns
    CLOSED = auto()
    NOT_YET = auto()
    NOT_PREPARED = auto()
    PREPARED = auto()
    ALL_JUDGED = auto()
    CAMPAIGN_PAUSED = auto()
    NO_INVITATION = auto()
    # Capacity
    BUSY = auto()
    LIMIT = auto()
    PROOF = auto()
    BROKER_AWAY = auto()
    DATABASE_AWAY = auto()
    NO_ROOM = auto()
    NOT_IN_SERVICE = auto()
    # Requests by admins
    BAD_FILE = auto()
    BAD_PROMPTS = auto()
    IMPORT_STANDS = auto()
    NO_LABELLER = auto()
    NO_REASON = auto()
    NOT_READY = auto()
    NO_VOTES = auto()
    NOT_A_PAIR = auto()
    NOTHING_TO_EXPORT = auto()
    NOTHING_TO_MAKE = auto()
    NOTHING_TO_PUBLISH = auto()
    TOO_MANY_VOTES = auto()
    UNCHANGED = auto()


class Refused(Exception):
    """The request can't be fulfilled, and nothing has changed. The message says what to do."""

    def __init__(
        self,
        message: str,
        *,
        code: Code,
        status: int = 409,
        is_thanks: bool = False,
        retry_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_s = retry_s  # after so long the same request may be fulfilled
        self.is_thanks = is_thanks  # nothing is wrong: there is nothing left to do
        self.code = code
        self.status = status
