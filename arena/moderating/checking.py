"""Checks a prompt before a battle or a chat begins with it, and records what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from ..errors import Code, Refused
from ..models import Battle, Flag
from ..models.moderation import Action
from . import checker, help, policy
from .categories import CATEGORIES, LABELS
from .rules import Finding, find

MOST = 5  # excerpts that a warning quotes
About = Flag.About


@dataclass(frozen=True)
class Quote:
    """What was found in a prompt, as its author is told."""

    kind: str
    text: str


class Questioned(Refused):
    """A prompt that is not sent: its author is warned, and may send it `anyway`, or it is blocked.

    Attributes:
        sentences: what was found. asks: what its author may do now.
        anyway: what a form sends to say that its author was warned about just this; "" if blocked.
    """

    def __init__(
        self,
        sentences: Sequence[str],
        asks: str,
        code: Code,
        quotes: Sequence[Quote] = (),
        lines: Sequence[help.Line] = (),
        anyway: str = "",
    ) -> None:
        super().__init__(" ".join([*sentences, asks]), code=code, status=422)
        self.sentences, self.quotes, self.lines = sentences, quotes, lines
        self.asks, self.anyway = asks, anyway


def admit(prompt: str, anyway: str, about: About = About.PROMPT) -> list[Flag]:
    """What to record of a prompt that may be sent. Raises Questioned if its author must be warned
    first, or if it is blocked."""
    by = policy.actions(policy.current())
    finds = find(prompt)
    if policy.strongest(finds, by) is not Action.BLOCK:
        finds += checker.findings(prompt)
    finds = [one for one in finds if by[one.category] is not Action.OFF]
    if policy.strongest(finds, by) is Action.BLOCK:
        record(_flags(finds, by, about))
        raise _blocked([one for one in finds if by[one.category] is Action.BLOCK])
    warned = [one for one in finds if by[one.category] is Action.WARN]
    token = _token(prompt, warned)
    if warned and not constant_time_compare(anyway, token):
        raise _warned(prompt, warned, token)
    return _flags(finds, by, about)


def record(flags: Iterable[Flag], battle: Battle | None = None, turn: int | None = None) -> None:
    flags = list(flags)
    for flag in flags:
        flag.battle, flag.turn = battle, turn
    Flag.objects.bulk_create(flags)


def _flags(finds: Iterable[Finding], by: policy.Actions, about: About) -> list[Flag]:
    """One for each category and source."""
    return [
        Flag(
            about=about,
            category=category,
            source=source,
            action=by[category],
            proceeded=by[category] is Action.WARN,
        )
        for category, source in dict.fromkeys((one.category, one.source) for one in finds)
    ]


def _token(prompt: str, warned: Iterable[Finding]) -> str:
    """Says that somebody was warned about these categories of this very text."""
    what = ",".join(sorted({one.category for one in warned}))
    return salted_hmac("arena.moderating", f"{what}\0{prompt}", algorithm="sha256").hexdigest()


def _warned(prompt: str, warned: list[Finding], token: str) -> Questioned:
    asks = _("Change your prompt, or send it as it is.")
    if all(one.category == checker.UNCHECKED for one in warned):
        asks = _("Try again later, or send your prompt unchecked.")
    quotes = [
        Quote(str(LABELS[one.label]), prompt[one.start : one.end]) for one in warned if one.label
    ]
    return Questioned(_sentences(warned), asks, Code.WARNED, quotes[:MOST], _lines(warned), token)


def _blocked(finds: list[Finding]) -> Questioned:
    asks = _("Your prompt was not sent, and not stored. It is still in the box.")
    return Questioned(_sentences(finds), asks, Code.BLOCKED, lines=_lines(finds))


def _sentences(finds: Iterable[Finding]) -> list[str]:
    named = {one.category for one in finds}
    return [str(category.about) for name, category in CATEGORIES.items() if name in named]


def _lines(finds: Iterable[Finding]) -> list[help.Line]:
    return help.lines() if any(CATEGORIES[one.category].helps for one in finds) else []
