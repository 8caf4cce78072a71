"""A voter's votes as the rules read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from arena.models import Campaign, PromptSuggestion, Turn, Verdict, Vote

from ..archive.votes_file import OUTCOMES
from ..core.data.arrays import FloatArray
from ..core.suspicion.record import Record
from ..core.suspicion.texts import Keys, keys_of, numbered

MOST = 1_500  # of a voter's votes, the newest, are weighed
PROMPTS = 400  # of these, the newest, are compared
COLUMNS = (
    "pk", "battle_id", "battle__contestant_a", "battle__contestant_b", "verdict", "created",
    "seconds", "words_seen", "battle__labels__style",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Weighed:
    """What is weighed, and what is kept of it.

    Attributes:
        keys: of the voter's own prompts.
        newest: primary key of the newest vote. first: when the oldest was cast.
    """

    record: Record
    keys: list[int]
    newest: int
    first: datetime


def read(
    votes: QuerySet[Vote], campaign: Campaign, places: Mapping[int, int], suggested: set[int]
) -> Weighed | None:
    """These votes of a voter; None without any. `places` numbers the contestants; `suggested` are
    the keys of prompts that the site suggests."""
    rows = [*votes.order_by("-pk").values(*COLUMNS)[:MOST]][::-1]
    rows = [row for row in rows if row["battle__contestant_a"] in places]
    rows = [row for row in rows if row["battle__contestant_b"] in places]
    if not rows:
        return None
    is_live = campaign.kind == Campaign.Kind.LIVE
    texts: list[Keys] = [()] * len(rows)
    if is_live:
        texts[-PROMPTS:] = _texts(rows[-PROMPTS:], suggested)
    record = Record(
        a=np.array([places[row["battle__contestant_a"]] for row in rows]),
        b=np.array([places[row["battle__contestant_b"]] for row in rows]),
        verdict=np.array([OUTCOMES[Verdict(row["verdict"])] for row in rows]),
        at=np.array([row["created"].timestamp() for row in rows]),
        seconds=np.array([row["seconds"] for row in rows]),
        words=np.array([_words(row) for row in rows]),
        own=numbered(texts),
        draws=draws([row["pk"] for row in rows]),
    )
    keys = sorted({key for each in texts for key in each})
    return Weighed(record, keys, rows[-1]["pk"], rows[0]["created"])


def _words(row: Mapping[str, Any]) -> float:
    """Of both answers, as far as they were shown."""
    if row["words_seen"] is not None:
        return 2.0 * float(row["words_seen"])
    style = row["battle__labels__style"] or []
    return float(style[0]) + float(style[len(style) // 2]) if style else float("nan")


def _texts(rows: Sequence[Mapping[str, Any]], suggested: set[int]) -> list[Keys]:
    first = Turn.objects.filter(number=1, battle__in=[row["battle_id"] for row in rows])
    prompts = dict(first.values_list("battle", "prompt"))
    found = [keys_of(prompts.get(row["battle_id"], "")) for row in rows]
    return [() if suggested.intersection(keys) else keys for keys in found]


def suggested_in(campaign: Campaign) -> set[int]:
    """Keys of the prompts that its start page suggests: many send those."""
    offered = PromptSuggestion.objects.filter(Q(campaign=campaign) | Q(campaign=None))
    texts = offered.values_list("text", flat=True)
    return {key for text in texts for key in keys_of(text)}


def draws(votes: Sequence[int]) -> FloatArray:
    """A number in [0, 1) for each vote, the same each time (splitmix64)."""
    mixed = np.array(votes, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    found: FloatArray = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found
