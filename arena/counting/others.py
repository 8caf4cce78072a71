"""How others voted on a pair."""

from __future__ import annotations

from collections import Counter

from ..labels.slices import OVERALL
from ..models import Battle, Tally, Verdict, Vote

TURNED = {Verdict.A: Verdict.B, Verdict.B: Verdict.A}


def others_than(vote: Vote) -> Counter[Verdict]:
    """The counted votes of other voters on the pair of this vote, sides as in its battle."""
    battle = vote.battle
    first, second = sorted((battle.contestant_a_id, battle.contestant_b_id))
    found = Tally.objects.filter(
        campaign=battle.campaign_id, slice=OVERALL, first=first, second=second
    ).first()
    if found is None:
        return Counter()
    wins = [found.first_wins, found.second_wins]
    a, b = wins if first == battle.contestant_a_id else reversed(wins)
    counts = Counter(
        {Verdict.A: a, Verdict.B: b, Verdict.TIE: found.ties, Verdict.BOTH_BAD: found.both_bad}
    )
    counts.subtract(_own(vote, battle))
    return counts


def _own(vote: Vote, battle: Battle) -> Counter[Verdict]:
    """The counted votes of the same voter on the same pair."""
    pair = (battle.contestant_a_id, battle.contestant_b_id)
    own = Vote.objects.filter(
        voter=vote.voter_id,
        standing=Vote.Standing.COUNTED,
        battle__campaign=battle.campaign_id,
        battle__contestant_a__in=pair,
        battle__contestant_b__in=pair,
    )
    said = own.values_list("verdict", "battle__contestant_a")
    return Counter(
        Verdict(verdict) if a == pair[0] else TURNED.get(Verdict(verdict), Verdict(verdict))
        for verdict, a in said
    )
