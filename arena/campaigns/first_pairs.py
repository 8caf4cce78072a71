"""A campaign's first pair: two answers that every voter judges before all others.

It shows new voters what is asked of them. Its votes never count, not for their agreement either:
one pair that everybody judges would outweigh all others.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from ..errors import Code, Refused
from ..models import Campaign, Pairing, PreparedAnswer


@transaction.atomic
def choose(answers: Iterable[PreparedAnswer]) -> Campaign:
    """Make these two the first pair of their campaign. Raises Refused."""
    ordered = sorted(answers, key=lambda answer: answer.pk)
    contestants = {answer.revision.contestant_id for answer in ordered}
    is_pair = len(ordered) == len(contestants) == 2
    can_be_judged = all(
        answer.state == PreparedAnswer.State.DONE and answer.text for answer in ordered
    )
    if not (is_pair and can_be_judged and ordered[0].prompt_id == ordered[1].prompt_id):
        raise Refused(
            "Choose two finished answers of different contestants to the same prompt.",
            code=Code.NOT_A_PAIR,
            status=400,
        )
    first, second = ordered
    pairing, _created = Pairing.objects.get_or_create(
        first=first,
        second=second,
        defaults={"prompt": first.prompt, "selection_probability": 1.0, "wanted": 1},
    )
    campaign = first.prompt.campaign
    campaign.first_pair = pairing
    campaign.save(update_fields=["first_pair"])
    return campaign


def drop(campaign: Campaign) -> None:
    campaign.first_pair = None
    campaign.save(update_fields=["first_pair"])
