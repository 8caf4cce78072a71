"""Too quick to have read: less time between the first words and the vote than it takes to skim both
answers, by their length."""

import numpy as np

from ratings.core.suspicion.betting import more_often
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

# Reading takes about 4 words a second, skimming 8 to 12 (Brysbaert, 2019; Rayner et al., 2016).
# Nobody who saw both answers compares more than this many.
WORDS_PER_SECOND = 15.0
AT_LEAST_S = 1.0  # to look, and to press a button
HONEST, ROBOT = (1.0, 6.0), (8.0, 1.0)  # shares of too quick votes


def weigh(case: Case) -> Found:
    record = case.record
    known = np.isfinite(record.words) & (record.seconds >= 0.0)  # or else the clock was set back
    needed = AT_LEAST_S + record.words[known] / WORDS_PER_SECOND
    quick, votes = int((record.seconds[known] < needed).sum()), int(known.sum())
    reason = f"{quick} of {votes} votes came before both answers could be skimmed"
    return Found(more_often(quick, votes, HONEST, ROBOT), reason)


RULE = Rule("pace", "Too quick to have read", "times", weigh, stake=0.1, most=60.0)
