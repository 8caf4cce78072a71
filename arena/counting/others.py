"""How others voted on a pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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


def agreement(votes: Sequence[Vote]) -> tuple[int, int]:
    """Of these votes of one voter, how many are decisive, on a pair on which most others are; and
    how many of those agree with most others. Returns the latter first. One query for all."""
    pairs = {vote.pk: _pair(vote.battle) for vote in votes}
    found = {
        (one.campaign_id, one.first_id, one.second_id): one
        for one in Tally.objects.filter(
            slice=OVERALL,
            campaign__in={campaign for campaign, _, _ in pairs.values()},
            first__in={first for _, first, _ in pairs.values()},
            second__in={second for _, _, second in pairs.values()},
        )
    }
    agreed = compared = 0
    for vote in votes:
        tally = found.get(pairs[vote.pk])
        if tally is None or vote.verdict not in TURNED:
            continue
        is_first = (vote.verdict == Verdict.A) == (vote.battle.contestant_a_id == tally.first_id)
        counted = vote.standing == Vote.Standing.COUNTED
        first, second = (
            tally.first_wins - (counted and is_first),
            tally.second_wins - (counted and not is_first),
        )
        if first != second:
            compared += 1
            agreed += is_first == (first > second)
    return agreed, compared


def _pair(battle: Battle) -> tuple[int, int, int]:
    first, second = sorted((battle.contestant_a_id, battle.contestant_b_id))
    return battle.campaign_id, first, second
