"""Notes on how an answer ended: before the vote they hide most reasons, after it they name them."""

from __future__ import annotations

from inference.contract.endings import FinishReason

from ..models.generated import Generated

CUT_OFF = "This answer was cut off here."
STOPPED = "Both answers were stopped here."
UNWATCHED = "Nobody was watching, so both answers end here."
OF_BOTH: dict[str, str] = {FinishReason.CANCELLED: STOPPED, FinishReason.ABANDONED: UNWATCHED}


def note(reason: str) -> str:
    """The note below an answer before the vote; "" if it is complete. It does not say which limit
    cut the answer off, since that could identify the contestant."""
    return OF_BOTH.get(reason, CUT_OFF) if FinishReason(reason).is_cut else ""


def explanation(answer: Generated) -> str:
    """The note after the vote, with the reason."""
    said: dict[str, str] = {
        FinishReason.CANCELLED: "Stopped before it was complete.",
        FinishReason.ABANDONED: "Stopped because nobody was watching.",
        FinishReason.LENGTH: _limit(answer),
        FinishReason.DEADLINE: f"Ran out of time{_allowed(answer)}.",
        FinishReason.FILTERED: "Cut off by its provider’s filter.",
    }
    return said.get(answer.finish_reason, "")


def _limit(answer: Generated) -> str:
    revision, tokens = answer.revision, answer.completion_tokens
    if not revision.is_remote and tokens is not None and tokens < revision.max_tokens:
        return f"Its context was full after {tokens:,} tokens."
    return f"Reached its limit of {revision.max_tokens:,} tokens."


def _allowed(answer: Generated) -> str:
    """The deadline; "" for older answers, which did not record it."""
    return "" if answer.deadline_s is None else f" ({answer.deadline_s:,g} s)"
