"""The margin that a reader chooses, and what may be said of two models with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena.plurals import local, percent

from ..core.questions.margins import Judgement, Relation
from .choices import refusal

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

USUAL, LEAST, MOST = 20, 1, 400  # points
TAKES = gettext_lazy("a whole number of points from 1 to 400")
SAYS: Mapping[Relation, StrPromise] = {
    Relation.AHEAD_BY_MORE: gettext_lazy(
        "%(better)s is ahead by more than the margin of %(margin)s."
    ),
    Relation.AHEAD_BY_LESS: gettext_lazy(
        "%(better)s is ahead, but by less than the margin of %(margin)s: within it, the two are "
        "as good as each other."
    ),
    Relation.AHEAD: gettext_lazy(
        "%(better)s is ahead; whether by more than the margin of %(margin)s, the votes cannot tell."
    ),
    Relation.AS_GOOD: gettext_lazy(
        "The two are as good as each other within a margin of %(margin)s."
    ),
    Relation.NOT_WORSE: gettext_lazy(
        "%(better)s is not worse than %(other)s by more than the margin of %(margin)s; whether "
        "%(other)s is, the votes cannot tell."
    ),
    Relation.UNCLEAR: gettext_lazy(
        "With a margin of %(margin)s, the votes cannot tell which is better, nor whether the two "
        "are as good as each other."
    ),
}


def margin_of(query: Mapping[str, str]) -> int:
    """In points. Raises Refused for one that is none."""
    text = query.get("margin", "").strip()
    if not text:
        return USUAL
    if not re.fullmatch(r"[0-9]{1,3}", text) or not LEAST <= int(text) <= MOST:
        raise refusal("margin", text[:80], str(TAKES))
    return int(text)


def in_words(margin: float, share: float) -> str:
    """Points, and the share of the vote that a model wins which is ahead by as many."""
    said = ngettext(
        "%(points)s point (%(share)s of votes between them)",
        "%(points)s points (%(share)s of votes between them)",
        round(margin),
    )
    shares = percent(f"{100 * share:.1f}")
    return said % {"points": local(f"{margin:.0f}"), "share": shares}


def said_of(found: Judgement, relation: Relation, better: str, other: str) -> str:
    """One sentence, given the names of the two models."""
    margin = in_words(found.margin, found.share)
    return SAYS[relation] % {"better": better, "other": other, "margin": margin}


def said_of_all(found: Judgement, better: str, other: str, models: int) -> str:
    """What is left of it for somebody who looks at all pairs of a board of so many rated models."""
    if models < 3:
        return ""
    pairs = {"pairs": local(f"{models * (models - 1) // 2:,}")}
    if found.relation_among_all == found.relation:
        return (
            _(
                "That is for a pair chosen before looking. It also holds corrected for looking at "
                "all %(pairs)s pairs of this board."
            )
            % pairs
        )
    said = _(
        "That is for a pair chosen before looking. Corrected for looking at all %(pairs)s pairs of "
        "this board, less can be said:"
    )
    return f"{said % pairs} {said_of(found, found.relation_among_all, better, other)}"
