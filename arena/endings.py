"""How an answer ended, in words: before the vote the same for every reason, after it the reason."""

from __future__ import annotations

from inference.endings import FinishReason

from .models import Answer

CUT_OFF = "This answer was cut off here."
STOPPED = "Both answers were stopped here."
CANCELLED = FinishReason.CANCELLED
COMPLETE = FinishReason.STOP
CUT = [reason for reason in FinishReason if reason.is_cut]


def note(reason: str) -> str:
    """What is said below an answer before the vote; "" below one that is complete. Which limit it
    met could tell who wrote it."""
    if reason == CANCELLED:
        return STOPPED
    return CUT_OFF if reason in CUT else ""


def explanation(answer: Answer) -> str:
    """The same after the vote."""
    limit = answer.revision.max_tokens
    said: dict[str, str] = {
        CANCELLED: "Stopped before its end.",
        FinishReason.LENGTH: f"Stopped at its limit of {limit:,} tokens.",
        FinishReason.DEADLINE: "Ran out of time.",
        FinishReason.FILTERED: "Cut by its provider’s filter.",
    }
    return said.get(answer.finish_reason, "")
