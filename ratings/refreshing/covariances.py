"""Of which models of a board the covariance is kept.

It is quadratic in the models, so of a large board only those that figures name, and the best of the
others (docs/decisions/0018).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arena import catalogue
from arena.models import Contestant

from ..core import Ratings

MOST = 1_000  # models; 4 MB


def members(contestants: Sequence[Contestant], result: Ratings) -> list[int]:
    order: list[int] = result.order.tolist()
    if len(order) <= MOST:
        return order
    wanted = [*_best_of_groups(contestants, order), *_once_leading(contestants, order), *order]
    return list(dict.fromkeys(wanted))[:MOST]


def _best_of_groups(contestants: Sequence[Contestant], order: Sequence[int]) -> Iterator[int]:
    """The best open and closed models, and the best of each family."""
    seen: set[object] = set()
    for i in order:
        one = contestants[i]
        groups = {one.is_open, None if one.stands_in_for else catalogue.family_of(one.name)}
        if not groups <= seen:
            seen |= groups
            yield i


def _once_leading(contestants: Sequence[Contestant], order: Sequence[int]) -> Iterator[int]:
    """Models that were the best of their kind when they were released, by today's scores."""
    places = {i: place for place, i in enumerate(order)}
    dated = [(day, i) for i in order if (day := contestants[i].release_date)]
    best: dict[bool | None, int] = {}
    for _, i in sorted(dated, key=lambda pair: pair[0]):
        kind = contestants[i].is_open
        if kind not in best or places[i] < places[best[kind]]:
            best[kind] = i
            yield i
