"""Of which models of a board the covariance is kept.

It is quadratic in the models, so of a large board only those that figures name, and the best of the
others; of the many slices, fewer (docs/decisions/0018).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arena import catalogue
from arena.labels.slices import OVERALL, is_span
from arena.models import Contestant

from ..core import Ratings
from ..models import Board

MOST = 1_000  # models; 4 MB
MOST_OF_SLICE = 200  # 160 kB


def is_kept(board: Board) -> bool:
    """Whether the board is one that pages compute with: Bradley-Terry of all votes or a slice, but
    not of a reader's own range of months."""
    return board.slug == board.slice and not is_span(board.slice)


def members(board: Board, contestants: Sequence[Contestant], result: Ratings) -> list[int]:
    order: list[int] = result.order.tolist()
    most = MOST if board.slug == OVERALL else MOST_OF_SLICE
    if len(order) <= most:
        return order
    wanted = [*_best_of_groups(contestants, order), *_once_leading(contestants, order), *order]
    return list(dict.fromkeys(wanted))[:most]


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
