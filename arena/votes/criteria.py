"""What a voter says of a campaign's criteria, with the vote and before any name is told. None of it
is needed: it never holds up the vote."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ..errors import Code, Refused
from ..labels.criteria import CRITERIA, Criterion
from ..models import Campaign, CriterionVerdict, Verdict, Vote

FIELD = "criterion-"  # and the key: its name in the form


def asked(campaign: Campaign) -> list[Criterion]:
    """In the order of the catalogue; without those that it no longer has."""
    return [criterion for key, criterion in CRITERIA.items() if key in campaign.criteria]


def read(form: Mapping[str, str]) -> dict[str, str]:
    """By criterion, what was chosen in the form of a vote."""
    return {key: chosen for key in CRITERIA if (chosen := form.get(f"{FIELD}{key}"))}


def check(said: Mapping[str, str]) -> None:
    """Raises Refused for what is no verdict."""
    if not {*said.values()} <= {*Verdict.values}:
        raise Refused(
            _("Choose one of the four verdicts for each question, or none."),
            code=Code.UNKNOWN_VERDICT,
            status=400,
        )


def keep(vote: Vote, said: Mapping[str, str]) -> None:
    """Store it with its vote, before that is counted. What the campaign does not ask, or no longer,
    is left out: the page may have been open for long."""
    CriterionVerdict.objects.bulk_create(
        CriterionVerdict(vote=vote, criterion=each.key, verdict=said[each.key])
        for each in asked(vote.battle.campaign)
        if each.key in said
    )


def said_of(vote: Vote) -> list[tuple[str, str]]:
    """Names of criteria with what the voter said of each, in words."""
    said = {one.criterion: one.get_verdict_display() for one in vote.criteria.all()}
    return [
        (str(CRITERIA[key].name) if key in CRITERIA else key, words) for key, words in said.items()
    ]
