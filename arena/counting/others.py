"""How others voted on a pair."""

from __future__ import annotations

from collections import Counter

from ..labels.slices import OVERALL
from ..models import Tally, Verdict, Vote


def others_than(vote: Vote) -> Counter[Verdict]:
    """The counted votes on the pair of this vote, without it, sides as in its battle."""
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
    if vote.standing == Vote.Standing.COUNTED:
        counts[Verdict(vote.verdict)] -= 1
    return counts
