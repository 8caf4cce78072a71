"""How an answer ended, in words: before the vote the same for every reason, after it the reason."""

from __future__ import annotations

from .models import Answer

CUT_OFF = "This answer was cut off here."
STOPPED = "Both answers were stopped here."
CANCELLED = "cancelled"
COMPLETE = "stop"


def note(reason: str) -> str:
    """What is said below an answer before the vote; "" below one that is complete. Which limit it
    met could tell who wrote it."""
    if reason == CANCELLED:
        return STOPPED
    return CUT_OFF if reason in ("length", "deadline", "filtered") else ""


def explanation(answer: Answer) -> str:
    """The same after the vote."""
    limit = answer.revision.max_tokens
    return {
        CANCELLED: "Stopped before its end.",
        "length": f"Stopped at its limit of {limit:,} tokens.",
        "deadline": "Ran out of time.",
        "filtered": "Cut by its provider’s filter.",
    }.get(answer.finish_reason, "")
