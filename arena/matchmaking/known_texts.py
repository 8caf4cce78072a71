"""Prepared texts whose authors a voter has been told: whoever knows them does not judge blindly."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q, QuerySet

from ..models import Answer, Battle, Campaign, Judgement, PreparedAnswer, Voter
from .answered import newest, ready

# Two contestants, and the prompt.
Pairs = set[tuple[frozenset[int], int]]


def known_to(voter: Voter) -> QuerySet[PreparedAnswer]:
    told = Judgement.objects.filter(battle__voter=voter, revealed__isnull=False)
    return PreparedAnswer.objects.filter(
        Q(pk__in=told.values("pairing__first")) | Q(pk__in=told.values("pairing__second"))
    )


def has_known(voter: Voter, battles: str = "") -> Q:
    """Pairings with such a text; or what has one at the end of `battles`."""
    known = known_to(voter).values("pk")
    return Q(**{f"{battles}first__in": known}) | Q(**{f"{battles}second__in": known})


def spoilt_pairs(campaign: Campaign, voter: Voter) -> Pairs:
    """Pairs of which one side has no text that the voter does not know."""
    known = {*known_to(voter).filter(prompt__campaign=campaign).values_list("pk", "prompt")}
    texts = newest(ready(campaign).filter(prompt__in={prompt for _, prompt in known}))
    unknown: dict[int, dict[int, bool]] = defaultdict(dict)
    for pk, prompt, contestant in texts.values_list("pk", "prompt", "revision__contestant"):
        has_other = unknown[prompt].get(contestant, False)
        unknown[prompt][contestant] = has_other or (pk, prompt) not in known
    return {
        (frozenset((one, other)), prompt)
        for prompt, sides in unknown.items()
        for one, has_unknown in sides.items()
        if not has_unknown
        for other in sides
        if other != one
    }


def is_spoilt(battle: Battle) -> bool:
    """Whether the voter of a prepared battle has been told who wrote one of its texts. Compares the
    texts and prompts themselves, as another campaign or a newer revision may have the same."""
    if not Judgement.objects.filter(battle=battle).exists():
        return False
    told = Answer.objects.filter(
        turn__battle__voter=battle.voter_id, turn__battle__judgement__revealed__isnull=False
    )
    own = Answer.objects.filter(turn__battle=battle)
    texts = own.values_list("revision__contestant", "turn__prompt", "text")
    return any(
        told.filter(revision__contestant=of, turn__prompt=prompt, text=text).exists()
        for of, prompt, text in texts
    )
