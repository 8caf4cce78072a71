"""The columns of a board's lines, as files and the API give them. Knows no Django.

Names and order are read by programs elsewhere: add at the end, rename nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """Attributes:
    kind: its Arrow type.
    of: the attribute of a `Rating` that it shows.
    example, says: for the description of the API.
    is_empty: whether it may have no value.
    """

    name: str
    kind: str
    of: str
    example: str | float | int
    says: str = ""
    is_empty: bool = False


MODEL = (
    Column("model", "string", "contestant.name", "Ada 7B"),
    Column("slug", "string", "contestant.slug", "ada-7b"),
    Column("organisation", "string", "contestant.organisation", "Ada Works"),
    Column("licence", "string", "contestant.licence", "Apache-2.0"),
    Column(
        "access", "string", "contestant.kind", "OPEN_SOURCE",
        "OPEN_SOURCE, OPEN_WEIGHTS, PROPRIETARY, STAND_IN or UNKNOWN",
    ),
    Column(
        "stands_in_for", "string", "contestant.stands_in_for", "",
        "the proprietary model it plays, if it is a stand-in",
    ),
    Column("parameters", "int64", "contestant.parameters", 7_000_000_000, is_empty=True),
)  # fmt: skip
NUMBERS = (
    Column(
        "score", "double", "score", 1063.4, "Elo points, 1000 on average; null: not rated",
        is_empty=True,
    ),
    Column("lower", "double", "lower", 1021.9, "of the 95% interval", is_empty=True),
    Column("upper", "double", "upper", 1104.9, "of the 95% interval", is_empty=True),
    Column(
        "rank_low", "int64", "rank_low", 1, "the best place that the votes allow", is_empty=True
    ),
    Column(
        "rank_high", "int64", "rank_high", 3, "the worst place that the votes allow", is_empty=True
    ),
    Column("votes", "int64", "votes", 512),
    Column(
        "win_rate", "double", "win_rate", 0.58, "share of its votes won, ties counting half",
        is_empty=True,
    ),
    Column("status", "string", "status", "rated", "rated, or why there is no score"),
    Column(
        "tier", "int64", "tier", 1,
        "the votes do not separate it from the best model of its tier, except in the eighth, "
        "which holds all others", is_empty=True,
    ),
)  # fmt: skip
BOARD = MODEL + NUMBERS
NAMES = tuple(column.name for column in BOARD)
