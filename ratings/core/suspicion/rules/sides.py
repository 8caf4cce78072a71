"""Side habit: always A, always B, or always the same verdict, whatever the answers."""

import numpy as np

from ratings.core.suspicion.betting import mixed, more_often
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

SAYS = ("A is better", "B is better", "a tie", "both are bad")
# Rates of each verdict: of people, whose habits differ much as to ties, and of somebody who always
# says the same.
HONEST = ((8.0, 12.0), (8.0, 12.0), (0.8, 4.0), (0.5, 4.0))
ALWAYS = (30.0, 1.0)


def weigh(case: Case) -> Found:
    verdicts, votes = case.record.verdict, len(case.record)
    times = np.bincount(verdicts, minlength=4)
    found = [
        more_often(int(times[each]), votes, honest, ALWAYS) for each, honest in enumerate(HONEST)
    ]
    most = int(np.argmax(found))
    return Found(mixed(found), f"{times[most]} of {votes} verdicts were “{SAYS[most]}”")


RULE = Rule("sides", "Always the same verdict", "sides", weigh, stake=0.1, most=60.0)
