"""Votes almost only where one model plays: a voter who leaves every other pair.

Matchmaking draws the pairs, so an honest voter meets a model about as often as everybody does.
"""

from ratings.core.suspicion.betting import more_often
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

CERTAIN = 40.0  # votes that an honest voter's share is as sure as
CHOOSY = (12.0, 1.0)  # the share of somebody who chooses


def weigh(case: Case) -> Found:
    votes, plays = len(case.record), case.field.plays
    found = {}
    for model, judged in case.judged.items():
        share = min(max(float(plays[model]), 0.01), 0.99)
        honest = (CERTAIN * share, CERTAIN * (1.0 - share))
        found[model] = more_often(len(judged.at), votes, honest, CHOOSY)
    model = max(found, key=lambda each: found[each])
    on_it = len(case.judged[model].at)
    reason = (
        f"{on_it} of {votes} votes were on {case.field.names[model]}, which plays in "
        f"{100 * plays[model]:.0f}% of all"
    )
    return Found(sum(found.values()) / len(plays), reason)


RULE = Rule("pairs", "Votes where one model plays", "pairs", weigh, most=200.0)
