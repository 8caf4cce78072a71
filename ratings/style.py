"""Style control of a campaign: its votes with the style of their answers held equal.

Length, headers, list items and bold spans of both answers are counted when a vote is cast
(`arena.labels.style`); texts are not read again. Votes whose texts are not here cannot take part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from arena.models import BattleLabels, Campaign, Vote

from .core import NotEnoughDataError
from .core.arrays import IntArray
from .core.covariates import STYLE_FEATURES, relative_differences
from .core.scale import POINTS_PER_NAT
from .core.style import StyleOptions, StyleRatings, style_control

VERDICTS = ("A", "B", "TIE", "BOTH_BAD")  # in the order of core.verdicts
BLOCK = 100_000  # votes that come as one string of bytes
VOTES = """
    SELECT string_agg(
        int8send(contestant_a_id) || int8send(contestant_b_id)
        || int8send(array_position(%(verdicts)s::text[], verdict::text) - 1)
        || int8send(style[1]) || int8send(style[2]) || int8send(style[3]) || int8send(style[4])
        || int8send(style[5]) || int8send(style[6]) || int8send(style[7]) || int8send(style[8]),
        ''::bytea ORDER BY vote.id)
    FROM arena_vote vote
    JOIN arena_battle battle ON battle.id = vote.battle_id
    JOIN arena_battlelabels labels ON labels.battle_id = battle.id
    WHERE battle.campaign_id = %(campaign)s AND standing = 'COUNTED' AND cardinality(style) = 8
    GROUP BY vote.id / %(block)s ORDER BY vote.id / %(block)s
"""
COLUMNS = 3 + 2 * len(STYLE_FEATURES)


@dataclass(frozen=True)
class Worth:
    """What a feature is worth to voters: points of score for a difference between two answers as
    large as such differences usually are (their root mean square), with its 95% interval."""

    name: str
    points: float
    lower: float
    upper: float

    @property
    def matters(self) -> bool:
        return self.lower > 0 or self.upper < 0


def votes_of(campaign: Campaign) -> IntArray:
    """(N, 11) contestants on the left and right, verdict, and the style of both answers."""
    with connection.cursor() as cursor:
        cursor.execute(VOTES, {"campaign": campaign.pk, "verdicts": [*VERDICTS], "block": BLOCK})
        blocks = [np.frombuffer(data, dtype=">i8") for (data,) in cursor]
    return np.concatenate([np.empty(0), *blocks]).reshape(-1, COLUMNS).astype(np.int64)


def with_texts(campaign: Campaign) -> int:
    """How many votes could take part."""
    labelled = BattleLabels.objects.filter(battle__campaign=campaign, style__len=8)
    return labelled.filter(battle__vote__standing=Vote.Standing.COUNTED).count()


def rate(votes: IntArray, contestants: list[int]) -> StyleRatings:
    """Rate contestants, given by primary key in rising order. Raises NotEnoughDataError when there
    are too few votes with texts, or their answers are all alike."""
    if len(votes) < settings.SLICE_VOTES:
        raise NotEnoughDataError(f"{len(votes)} votes have texts; it takes {settings.SLICE_VOTES}.")
    left, right = np.searchsorted(contestants, votes[:, :2]).T
    k = len(STYLE_FEATURES)
    differences = relative_differences(votes[:, 3 : 3 + k], votes[:, 3 + k :])
    varies = np.flatnonzero((differences != 0).any(axis=0))  # what no answer has is held equal
    if not len(varies):
        raise NotEnoughDataError("All answers are alike in style.")
    options = StyleOptions(names=tuple(STYLE_FEATURES[i] for i in varies))
    columns = left, right, votes[:, 2], differences[:, varies]
    return style_control(*columns, len(contestants), options=options)


def worth(result: StyleRatings) -> list[dict[str, Any]]:
    """For the facts of a snapshot."""
    ends = zip(result.names, result.coefficients, result.lower, result.upper, strict=True)
    return [
        {
            "name": name,
            **{
                key: round(float(value * POINTS_PER_NAT), 2)
                for key, value in zip(("points", "lower", "upper"), values, strict=True)
            },
        }
        for name, *values in ends
    ]


def worth_of(facts: dict[str, Any]) -> list[Worth]:
    return [Worth(**each) for each in facts.get("style", [])]
