"""Near-duplicate prompts: a list that is sent again and again to find out who answers."""

import numpy as np

from ratings.core.suspicion.betting import more_often
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

HONEST, LISTED = (0.6, 6.0), (5.0, 1.0)  # shares of prompts that repeat an earlier one


def weigh(case: Case) -> Found:
    compared = case.record.own[case.record.own >= 0]
    again = len(compared) - len(np.unique(compared))
    reason = f"{again} of {len(compared)} prompts nearly repeat an earlier one of the same voter"
    return Found(more_often(again, max(len(compared) - 1, 0), HONEST, LISTED), reason)


RULE = Rule("repeats", "Near-duplicate prompts", "prompts", weigh, stake=0.1, most=60.0)
