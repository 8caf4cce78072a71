"""The best open model against the best closed one: computed with the board, put into words by
`sentences`.

The two are selected after seeing the votes, so whether one of them is ahead is decided on
simultaneous intervals, which hold for all pairs at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from arena.models import Contestant

from ..core import Ratings
from ..core.questions.compare import compare, simultaneous_gaps
from ..facts import Duel


def of(contestants: Sequence[Contestant], result: Ratings) -> Duel | None:
    """The best open model against the best closed one; None unless both exist."""
    best_open, best_closed = (best(contestants, result, is_open=kind) for kind in (True, False))
    if best_open is None or best_closed is None:
        return None
    gaps = simultaneous_gaps(result, best_open, best_closed)
    return Duel(
        open=contestants[best_open].slug,
        open_name=contestants[best_open].name,
        closed=contestants[best_closed].slug,
        closed_name=contestants[best_closed].name,
        **gap_between(result, best_open, best_closed),
        open_ahead=bool(gaps.lower[0, 0] > 0),
        closed_ahead=bool(gaps.upper[0, 0] < 0),
    )


def best(contestants: Sequence[Contestant], result: Ratings, *, is_open: bool) -> int | None:
    """The rated model of this kind with the highest score. A stand-in counts as what runs: the
    open weights behind it say nothing about the model it plays, so it is left out of both."""
    for i in result.order.tolist():
        if contestants[i].is_open is is_open:
            return int(i)
    return None


def gap_between(result: Ratings, a: int, b: int) -> dict[str, float]:
    """Score of a minus score of b, and P(a beats b), each with its (pointwise) interval."""
    found = compare(result, a, b)
    names = ("gap", "gap_lower", "gap_upper", "probability", "lower", "upper")
    return {name: round(float(getattr(found, name)), 6) for name in names}
