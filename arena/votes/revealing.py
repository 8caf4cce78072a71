"""When a voter is told who wrote the answers of a battle.

In a live battle, with the vote. A prepared campaign decides: with each vote, at the end of the
voter's share in it, or never. What has been told is noted with the judgement, for good: from then
on the voter knows these texts (`matchmaking.known_texts`).
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ..errors import Code, Refused
from ..matchmaking.own_share import share
from ..models import Battle, Campaign, Judgement, Voter

Reveals = Campaign.Reveals
# Of votes: whether their voters know whom they judged.
TOLD = Q(battle__judgement=None) | Q(battle__judgement__revealed__isnull=False)


def is_told(battle: Battle) -> bool:
    """Whether the voter may see who wrote the answers. Every page and file of a voter asks here."""
    if battle.state != Battle.State.VOTED:
        return False
    judgement: Judgement | None = getattr(battle, "judgement", None)
    return judgement is None or judgement.revealed is not None


def untold(campaign: Campaign, voter: Voter) -> int:
    """How many votes of a prepared campaign its voter has not been told about."""
    return _untold(campaign, voter).count()


def after(battle: Battle) -> None:
    """Tell the voter of a battle that has just ended what the campaign tells now. In the
    transaction of the vote."""
    campaign = battle.campaign
    if campaign.kind != Campaign.Kind.PREPARED or campaign.reveals == Reveals.NEVER:
        return
    if campaign.tells_at_once or share(campaign, battle.voter).is_complete:
        _tell(campaign, battle.voter)


@transaction.atomic
def end_share(campaign: Campaign, voter: Voter | None) -> None:
    """The voter wants to know now, and to judge none of these texts any more. Raises Refused."""
    if campaign.kind != Campaign.Kind.PREPARED or campaign.reveals == Reveals.NEVER:
        raise Refused(_("This campaign tells nobody who wrote what."), code=Code.NOT_TOLD)
    if voter is None or not untold(campaign, voter):
        raise Refused(_("There is no vote of yours to tell about."), code=Code.NOT_TOLD)
    _tell(campaign, voter)


def _tell(campaign: Campaign, voter: Voter) -> None:
    _untold(campaign, voter).update(revealed=timezone.now())


def _untold(campaign: Campaign, voter: Voter) -> QuerySet[Judgement]:
    own = Judgement.objects.filter(battle__voter=voter, battle__campaign=campaign)
    return own.filter(battle__state=Battle.State.VOTED, revealed=None)
