"""Notes on how an answer ended: before the vote they hide most reasons, after it they name them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from inference.contract.endings import FinishReason

from ..models.generated import Generated
from ..plurals import local

CUT_OFF = gettext_noop("This answer was cut off here.")
STOPPED = gettext_noop("Both answers were stopped here.")
VOTED = gettext_noop("You voted here, which ended both answers.")
UNWATCHED = gettext_noop("Nobody was watching, so both answers end here.")
OF_BOTH: dict[str, str] = {FinishReason.CANCELLED: STOPPED, FinishReason.ABANDONED: UNWATCHED}


def note(reason: str) -> str:
    """The note below an answer before the vote; "" if it is complete. It does not say which limit
    cut the answer off, since that could identify the contestant."""
    return _(OF_BOTH.get(reason, CUT_OFF)) if FinishReason(reason).is_cut else ""


def is_cancelled(answer: Generated) -> bool:
    """Whether its voter ended it."""
    return answer.finish_reason == FinishReason.CANCELLED


def explanation(answer: Generated) -> str:
    """The note after the vote, with the reason."""
    said: dict[str, str] = {
        FinishReason.CANCELLED: _("Stopped before it was complete."),
        FinishReason.ABANDONED: _("Stopped because nobody was watching."),
        FinishReason.LENGTH: _limit(answer),
        FinishReason.DEADLINE: _deadline(answer),
        FinishReason.FILTERED: _("Cut off by its provider’s filter."),
    }
    return said.get(answer.finish_reason, "")


def _limit(answer: Generated) -> str:
    revision, tokens = answer.revision, answer.completion_tokens
    if not revision.is_remote and tokens is not None and tokens < revision.max_tokens:
        return _("Its context was full after %(tokens)s tokens.") % {"tokens": local(f"{tokens:,}")}
    return _("Reached its limit of %(tokens)s tokens.") % {
        "tokens": local(f"{revision.max_tokens:,}")
    }


def _deadline(answer: Generated) -> str:
    """With the deadline, which older answers did not record."""
    if answer.deadline_s is None:
        return _("Ran out of time.")
    return _("Ran out of time (%(seconds)s s).") % {"seconds": local(f"{answer.deadline_s:,g}")}
