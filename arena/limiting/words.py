"""What somebody is told who has reached a limit: what it is, and when it goes on."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop, ngettext
from limits import RateLimitItem

from ..errors import Code, Refused
from ..plurals import local
from .rules import Scope, What

PROMPT_KEPT = gettext_noop("Your prompt is kept: send it again then.")
VOTE_KEPT = gettext_noop("This battle stays open: vote on it then.")

LIMITED = {
    (What.PROMPTS, Scope.VOTER): gettext_noop("Prompts of one person are limited to %(rate)s."),
    (What.PROMPTS, Scope.PREFIX): gettext_noop(
        "Prompts from one network are limited to %(rate)s, and yours has sent that many."
    ),
    (What.PROMPTS, Scope.ALL): gettext_noop(
        "Many people are asking right now: prompts of all together are limited to %(rate)s."
    ),
    (What.BATTLES, Scope.VOTER): gettext_noop("New battles of one person are limited to %(rate)s."),
    (What.BATTLES, Scope.PREFIX): gettext_noop(
        "New battles from one network are limited to %(rate)s, and yours has begun that many."
    ),
    (What.BATTLES, Scope.ALL): gettext_noop(
        "Many people are asking right now: new battles of all together are limited to %(rate)s."
    ),
    (What.VOTES, Scope.VOTER): gettext_noop("Votes of one person are limited to %(rate)s."),
    (What.VOTES, Scope.PREFIX): gettext_noop(
        "Votes from one network are limited to %(rate)s, and yours has cast that many."
    ),
    (What.VOTES, Scope.ALL): gettext_noop(
        "Many people are voting right now: votes of all together are limited to %(rate)s."
    ),
}
GOES_ON = gettext_noop("You can go on in %(wait)s.")
OTHERWISE = gettext_noop("Otherwise you can go on in %(wait)s.")
NO_PAIR = gettext_noop(
    "You, or others in your network, have voted on every two models as often as is useful for now."
)
RATES = {
    "minute": gettext_noop("%(n)s per minute"),
    "hour": gettext_noop("%(n)s per hour"),
    "day": gettext_noop("%(n)s per day"),
}


def refusal(what: What, scope: Scope, item: RateLimitItem, wait_s: int, kept: str) -> Refused:
    limited = gettext(LIMITED[what, scope]) % {"rate": _rate(item)}
    return limit_reached(limited, wait_s, kept)


def limit_reached(sentence: str, wait_s: int, kept: str, goes_on: str = GOES_ON) -> Refused:
    said = [sentence, gettext(goes_on) % {"wait": _duration(wait_s)}, gettext(kept) if kept else ""]
    return Refused(" ".join(filter(None, said)), code=Code.LIMIT, status=429, retry_s=wait_s)


def _duration(seconds: int) -> str:
    if seconds <= 90:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    if minutes <= 90:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def _rate(item: RateLimitItem) -> str:
    return gettext(RATES[item.GRANULARITY.name]) % {"n": local(f"{item.amount:,}")}
