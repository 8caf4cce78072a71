"""One-model habit: the verdicts follow a model rather than the answers (`suspicion.leaning`)."""

from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule


def weigh(case: Case) -> Found:
    found = case.leanings
    model, favours = max(found, key=lambda lean: found[lean])
    e_value = sum(found.values()) / case.corrected_for
    return Found(e_value, case.told(model, favours), found[model, favours])


RULE = Rule("favours", "One-model habit", "verdicts", weigh, stake=0.2, most=1e4)
