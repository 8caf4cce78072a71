"""Alike in target: the votes serve what other suspicious voters' votes serve.

Riggers who spread their votes over several browsers have one agenda; honest voters who stand out
have each their own. So this bet is spread over the agendas of the others, by how suspicious they
are. Others' votes don't depend on an honest voter's, so it stays an e-value.
"""

from ratings.core.suspicion.agenda import e_value, told
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

NOBODYS = 1.0  # weight of an agenda that nobody else has: any one model, lifted or sunk


def weigh(case: Case) -> Found:
    unheard = sum(case.leanings.values()) / case.corrected_for
    found = {each: e_value(case, each.leans) for each in case.field.agendas}
    bets = {each: each.weight * paid for each, paid in found.items()}
    total = NOBODYS + sum(each.weight for each in found)
    paid = (NOBODYS * unheard + sum(bets.values())) / total
    best = max(bets, key=lambda each: bets[each], default=None)
    if best is None or bets[best] < NOBODYS * unheard:
        return Found(paid, "nobody else stands out like this", alone=1.0)
    others = sum(each.voters for each in found if found[each] >= found[best] / 3)
    which = told(case, sorted(best.leans))
    reason = f"{others} of the most suspicious other voters stand out alike: {which}"
    return Found(paid, reason, alone=found[best])


RULE = Rule("alike", "Alike in target", "verdicts", weigh, stake=0.5, most=1e4)
