"""Numbers in words. No sentence claims more than the intervals allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena import plurals
from arena.plurals import counted, local

from ..core.uncertainty.tiers import MOST as MOST_TIERS
from ..facts import Duel
from .lines import Line

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

WIDEST = gettext_lazy(
    "Where the exact interval of a gap is not stored, it is the widest that the scores allow."
)


def of_board(lines: Sequence[Line]) -> str:
    """Who leads, if anybody does."""
    rated = [line for line in lines if line.rated]
    first = [line for line in rated if line.rating.rank_low == 1]
    return of_leaders(len(first), len(rated), first[0].contestant.name if first else "")


def of_leaders(leaders: int, rated: int, name: str) -> str:
    """How many of the rated models may be first; `name`: one of them."""
    if rated < 2:
        return _("There are not enough votes yet to rank any model.")
    if leaders == rated:
        return _("So far the votes do not separate the models: each may be first.")
    if leaders == 1:
        return _("%(model)s leads.") % {"model": name}
    numbers = {"leaders": leaders, "models": rated}
    return _("%(leaders)s of %(models)s models may be first; the others are behind.") % numbers


def of_tiers(lines: Sequence[Line]) -> str:
    """What tiers mean, as far as their intervals allow; empty for a board without them."""
    tiers = [line.rating.tier for line in lines if line.rating.tier]
    last = max(tiers, default=0)
    if last < 2:
        return _("All are in one tier: none is separated from the best.") if tiers else ""
    if last == MOST_TIERS:
        said = _(
            "Tiers: except in the last, which holds all others, no model is separated from the "
            "best of its tier. Each tier begins with a model that is behind the best of the tier "
            "above; the others in it need not be."
        )
    else:
        said = _(
            "Tiers: no model is separated from the best of its tier. Each tier begins with a model "
            "that is behind the best of the tier above; the others in it need not be."
        )
    return said


def of_duel(duel: Duel | None) -> str:
    """The best open model against the best closed one."""
    if duel is None:
        return ""
    if duel.closed_ahead:
        said = _(
            "The best open model, %(open)s, is behind the best closed one, %(closed)s: it wins "
            "%(share)s."
        )
    elif duel.open_ahead:
        said = _(
            "The best open model, %(open)s, is ahead of the best closed one, %(closed)s: it wins "
            "%(share)s."
        )
    else:
        said = _(
            "The votes do not separate the best open model, %(open)s, from the best closed one, "
            "%(closed)s: it would win %(share)s."
        )
    wins = share(duel.probability, duel.lower, duel.upper)
    return said % {"open": duel.open_name, "closed": duel.closed_name, "share": wins}


def share(middle: float, low: float, high: float) -> str:
    """A predicted share of votes with its interval; with a decimal where that is narrow."""
    said = dict(zip(("share", "low", "high"), percents(middle, low, high), strict=True))
    return (
        _(
            "%(share)s of votes between them (predicted, ties counting half; 95%% interval %(low)s "
            "to %(high)s)"
        )
        % said
    )


def percents(middle: float, low: float, high: float) -> list[str]:
    digits = 1 if high - low < 0.05 else 0
    return [plurals.percent(f"{100 * value:.{digits}f}") for value in (middle, low, high)]


def percent(value: float) -> str:
    return plurals.percent(f"{100 * value:.0f}")


def listed(names: Sequence[str]) -> str:
    """Such as: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {
        "first": _(", ").join(names[:-1]),
        "last": names[-1],
    }


def more(names: Sequence[str], most: int) -> list[str]:
    """The first `most` of some names, and how many more there are."""
    left = len(names) - most
    said = ngettext("%(number)s more", "%(number)s more", left) % {"number": local(f"{left:,}")}
    return [*names[:most], *([said] if left > 0 else [])]


def of_unknown(names: Sequence[str]) -> str:
    """The models on neither side of open against closed."""
    if not names:
        return ""
    return ngettext(
        "One model of unknown access is left out: %(names)s.",
        "%(models)s models of unknown access are left out: %(names)s.",
        len(names),
    ) % {"models": len(names), "names": listed(more(names, 2))}


def of_correlation(what: str, low: float, high: float, models: int) -> str:
    """A rank correlation with the score in words, as far as its interval allows."""
    if low > 0.6:
        said = _("Higher scores go with more %(what)s, with few exceptions: %(models)s.")
    elif low > 0:
        said = _("Higher scores go with more %(what)s, with many exceptions: %(models)s.")
    elif high < 0:
        said = _("Higher scores go with less %(what)s: %(models)s.")
    else:
        said = _("Over %(models)s, the score shows no clear relation to %(what)s.")
    return said % {"what": what, "models": counted(models, "model")}


def of_agreement(low: float, high: float) -> str:
    """Krippendorff's alpha in words, as far as its interval allows. He requires 0.8 for
    reliability."""
    if low >= 0.8:
        return _("Voters who see the same two answers agree reliably.")
    if low > 0 and high < 0.8:
        return _(
            "Voters who see the same two answers agree more often than by chance, but not reliably."
        )
    if low > 0:
        return _("Voters who see the same two answers agree more often than by chance.")
    if high < 0:
        return _("Voters who see the same two answers agree less often than by chance.")
    return _("Voters who see the same two answers may agree no more often than by chance.")


Gap = tuple[float, float, float]  # in points, and its interval


def of_score(name: str, first: Gap, last: Gap) -> str:
    """How a model's score has changed since its first publication."""
    if last[1] > first[2]:
        said = _("The score of %(model)s has risen: %(first)s points at first, %(last)s now.")
    elif last[2] < first[1]:
        said = _("The score of %(model)s has fallen: %(first)s points at first, %(last)s now.")
    else:
        said = _("The score of %(model)s shows no change: %(first)s points at first, %(last)s now.")
    return said % {"model": name, "first": f"{first[0]:.0f}", "last": f"{last[0]:.0f}"}


def of_course(first: Gap, last: Gap, since: str, until: str, *, among_dated: bool = False) -> str:
    """How the best open model's gap to the best closed one has changed; perhaps only among models
    with a known date."""
    numbers = _("%(first)s points in %(since)s, %(last)s in %(until)s") % {
        "first": points(first[0]),
        "last": points(last[0]),
        "since": since,
        "until": until,
    }
    gained, lost = last[1] > first[2], last[2] < first[1]
    said = _dated_course(gained, lost) if among_dated else _course(gained, lost)
    return said % {"numbers": numbers}


def _course(gained: bool, lost: bool) -> str:
    if gained:
        return _("The best open model has gained on the best closed one: %(numbers)s.")
    if lost:
        return _("The best open model has lost ground to the best closed one: %(numbers)s.")
    return _(
        "The gap between the best open and the best closed model shows no change: %(numbers)s."
    )


def _dated_course(gained: bool, lost: bool) -> str:
    if gained:
        return _(
            "Among models with a known date, the best open model has gained on the best closed "
            "one: %(numbers)s."
        )
    if lost:
        return _(
            "Among models with a known date, the best open model has lost ground to the best "
            "closed one: %(numbers)s."
        )
    return _(
        "Among models with a known date, the gap between the best open and the best closed model "
        "shows no change: %(numbers)s."
    )


def points(gap: float) -> str:
    """With a sign, typeset with a real minus."""
    return f"{gap:+.0f}".replace("-", "−")


@dataclass(frozen=True)
class Sides:
    """What to say of two sides that are ahead in some slices."""

    none: StrPromise
    first: StrPromise
    second: StrPromise
    both: StrPromise


OPEN_AND_CLOSED = Sides(
    none=gettext_lazy(
        "In none of %(of)s categories do the votes separate the best open model from the best "
        "closed one."
    ),
    first=gettext_lazy("The best open model is ahead in %(ahead)s of %(of)s categories."),
    second=gettext_lazy("The best closed model is ahead in %(behind)s of %(of)s categories."),
    both=gettext_lazy(
        "The best open model is ahead in %(ahead)s of %(of)s categories, the best closed one in "
        "%(behind)s."
    ),
)
TWO_MODELS = Sides(
    none=gettext_lazy(
        "In none of %(of)s categories do the votes separate %(first)s from %(second)s."
    ),
    first=gettext_lazy("%(first)s is ahead in %(ahead)s of %(of)s categories."),
    second=gettext_lazy("%(second)s is ahead in %(behind)s of %(of)s categories."),
    both=gettext_lazy(
        "%(first)s is ahead in %(ahead)s of %(of)s categories, %(second)s in %(behind)s."
    ),
)


def of_slices(sides: Sides, ahead: int, behind: int, of: int, **names: str) -> str:
    """In how many slices one side is ahead, and in how many the other."""
    if not of:
        return _("Nothing is known by category yet.")
    numbers = {"ahead": ahead, "behind": behind, "of": of, **names}
    if not (ahead or behind):
        return sides.none % numbers
    said = (sides.both if ahead and behind else sides.first if ahead else sides.second) % numbers
    if ahead + behind == of:
        return said
    return f"{said} {_('In the others the votes do not separate them.')}"
