"""Rings: several voters who have something in common, and lean the same way.

Voters who happen to meet (the same hour, say) are honest as a rule, so each of the others is
believed to belong with even odds only: an honest one costs a ring a factor of two.
"""

from ratings.core.suspicion.case import Case
from ratings.core.suspicion.leaning import Lean
from ratings.core.suspicion.record import Circle
from ratings.core.suspicion.rule import Found, Rule

BELONGS = 0.5  # probability
LARGEST = 30.0  # e-value that one voter adds at most


def weigh(case: Case) -> Found:
    found = [_of_circle(case, circle) for circle in case.field.circles]
    return max(found, key=lambda each: each.e_value, default=Found())


def _of_circle(case: Case, circle: Circle) -> Found:
    joint = {lean: _joint(circle, lean) for lean, e_value in case.leanings.items() if e_value > 1.0}
    if not joint:
        return Found()
    model, favours = lean = max(joint, key=lambda each: joint[each])
    alike = sum(other.get(lean, 1.0) > 1.0 for other in circle.others)
    which = "for" if favours else "against"
    name = case.field.names[model]
    reason = f"{alike} other voters {circle.what} and vote {which} {name} as well"
    e_value = sum(joint.values()) / case.corrected_for / max(len(case.field.circles), 1)
    return Found(min(e_value, circle.most), reason)


def _joint(circle: Circle, lean: Lean) -> float:
    e_value = 1.0
    for other in circle.others:
        e_value *= 1.0 - BELONGS + BELONGS * min(other.get(lean, 1.0), LARGEST)
        e_value = min(e_value, 1e12)
    return e_value


RULE = Rule("rings", "Rings", "others", weigh, stake=0.3, lapses=True)
