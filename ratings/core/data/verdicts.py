"""The four things a voter can say about a pair of answers."""

from enum import IntEnum


class Verdict(IntEnum):
    """Outcome of one battle, as seen from the first (left) side."""

    A = 0
    B = 1
    TIE = 2
    BOTH_BAD = 3
