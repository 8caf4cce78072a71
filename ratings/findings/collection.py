"""How the votes of a campaign came about, in words: who could vote, on what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.battles.languages import languages_of
from arena.models import Campaign

from ..facts import VoteFacts
from ..presentation.sentences import listed
from .periods import UNITS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

WHO: Mapping[str, StrPromise] = {
    Campaign.Visibility.PUBLIC: gettext_lazy("Anybody who visits this site can vote."),
    Campaign.Visibility.UNLISTED: gettext_lazy("Anybody who has its address can vote."),
}
WHAT: Mapping[str, StrPromise] = {
    Campaign.Kind.LIVE: gettext_lazy(
        "Voters ask what they like, see two answers without names, and say which is better."
    ),
    Campaign.Kind.PREPARED: gettext_lazy(
        "Voters see prompts that others wrote, each with two answers that were prepared, without "
        "names, and say which is better."
    ),
}
ELSEWHERE = gettext_lazy(
    "The votes were cast elsewhere and brought here; who voted is for their source to say."
)
TOO = gettext_lazy("Votes that were cast elsewhere count too.")
BLIND = gettext_lazy("Those who voted here did not know which model wrote which answer.")


def who(campaign: Campaign) -> str:
    if campaign.kind == Campaign.Kind.IMPORTED:
        return str(ELSEWHERE)
    said = f"{WHAT[campaign.kind]} {WHO[campaign.visibility]}"
    return f"{said} {TOO}" if has_brought(campaign) else said


def has_brought(campaign: Campaign) -> bool:
    """Whether votes that were cast elsewhere count."""
    return campaign.kind == Campaign.Kind.IMPORTED or campaign.imports.counted().exists()


def blindness(campaign: Campaign, votes: VoteFacts | None) -> str:
    """Of the votes cast here; empty if there are none, or if they count on answers that name their
    model."""
    was_cast = votes is not None and any(period.cast for period in votes.pace.periods)
    is_blind = campaign.named_answers == Campaign.NamedAnswers.LEFT_OUT
    return str(BLIND) if was_cast and is_blind else ""


def languages(campaign: Campaign) -> str:
    """Empty where any may be used."""
    return listed(languages_of(campaign).names)


def when(votes: VoteFacts | None) -> str:
    """The first and the last period with votes; empty if none has a date."""
    if votes is None or not votes.pace.periods:
        return ""
    unit, periods = UNITS[votes.pace.unit], votes.pace.periods
    first, last = (unit.name_of(date.fromisoformat(one.start)) for one in (periods[0], periods[-1]))
    if first == last:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def opened(campaign: Campaign) -> str:
    """When it was open, if that is limited."""
    opens, closes = (
        date_format(day, "DATE_FORMAT") if day else "" for day in (campaign.opens, campaign.closes)
    )
    if opens and closes:
        return _("Open from %(opens)s to %(closes)s.") % {"opens": opens, "closes": closes}
    if opens:
        return _("Open since %(opens)s.") % {"opens": opens}
    return _("Open until %(closes)s.") % {"closes": closes} if closes else ""
