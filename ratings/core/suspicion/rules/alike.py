"""Alike in target: the votes lean the way in which other voters stand out.

Honest voters who stand out are spread over the models by chance; riggers who spread their votes
over several browsers all stand out for the target. So this bet is spread over the models, and over
favouring and hurting, in proportion to how many others stand out there. Others' votes don't depend
on an honest voter's, so it stays an e-value.
"""

import numpy as np

from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

STANDS_OUT = 30.0  # e-value of a voter's votes on a model
BY_CHANCE = 0.1  # voters who stand out somewhere, for bets on models where nobody does


def weigh(case: Case) -> Found:
    counts = case.field.standing_out + BY_CHANCE
    share = counts / counts.sum()
    bets = {
        (model, favours): share[model, 0 if favours else 1] * e_value
        for (model, favours), e_value in case.leanings.items()
    }
    model, favours = lean = max(bets, key=lambda each: bets[each])
    others = int(np.floor(counts[model, 0 if favours else 1]))
    which = "for" if favours else "against"
    reason = f"{others} other voters stand out {which} {case.field.names[model]} as well"
    if not others:
        reason = f"nobody else stands out there: {case.told(model, favours)}"
    alone = case.leanings[lean] if others else 1.0
    return Found(float(sum(bets.values())), reason, alone)


RULE = Rule("alike", "Alike in target", "verdicts", weigh, stake=0.35, most=1e4)
