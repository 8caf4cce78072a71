"""Times too much alike: a program that waits for what a check asks, and a little longer.

Votes just above a threshold, whichever it is (seconds to read, words that must have been shown,
votes in an hour), come at intervals, or after times per word, that hardly scatter. People's do.
Negative times are of a clock that was set back: they say nothing.
"""

import numpy as np

from ratings.core.data.arrays import FloatArray
from ratings.core.suspicion.betting import mixed, steadier
from ratings.core.suspicion.case import Case
from ratings.core.suspicion.rule import Found, Rule

PEOPLE, PROGRAM = 0.45, 0.1  # standard deviations of the logarithm
LEAST = 5  # votes below which nothing is said


def weigh(case: Case) -> Found:
    record = case.record
    between = np.diff(record.at)
    per_word = record.seconds / np.maximum(record.words, 1.0)
    series = {
        "seconds to the vote": record.seconds[record.seconds >= 0.0],
        "seconds for each word": per_word[np.isfinite(per_word) & (per_word >= 0.0)],
        "times between votes": between[(between >= 0.0) & (between < 3600.0)],
    }
    found = {what: _alike(times) for what, times in series.items()}
    what = max(found, key=lambda each: found[each])
    return Found(mixed([*found.values()]), f"its {what} hardly vary")


def _alike(times: FloatArray) -> float:
    if len(times) < LEAST:
        return 1.0
    return steadier(np.log(np.maximum(times, 0.05)), PEOPLE, PROGRAM)


RULE = Rule("steady", "Times too much alike", "times", weigh, stake=0.1, most=60.0)
