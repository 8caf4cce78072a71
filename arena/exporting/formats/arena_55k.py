"""The format of `arena-human-preference-55k`, 2024: texts are JSON lists, and each winner has a
column. It does not distinguish "both bad" from a tie."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from arena.models import Side

from ..votes import ExportedVote

A_NUMBER = re.compile(r"0|[1-9]\d{0,17}")  # a 64-bit integer in canonical form
COLUMNS = {
    "id": int,
    "model_a": str,
    "model_b": str,
    "prompt": str,
    "response_a": str,
    "response_b": str,
    "winner_model_a": int,
    "winner_model_b": int,
    "winner_tie": int,
}


def row(vote: ExportedVote) -> dict[str, Any]:
    a, b = vote.sides[Side.A], vote.sides[Side.B]
    return {
        "id": number_of(vote.key),
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "prompt": json.dumps([each.prompt for each in a]),
        "response_a": json.dumps([each.answer for each in a]),
        "response_b": json.dumps([each.answer for each in b]),
        "winner_model_a": int(vote.verdict == "A"),
        "winner_model_b": int(vote.verdict == "B"),
        "winner_tie": int(vote.verdict in ("TIE", "BOTH_BAD")),
    }


def number_of(key: str) -> int:
    """Ids are numbers in this release. A numeric key stays as it is; any other is hashed: the id is
    the same in every export, and small enough to be exact as a float."""
    if A_NUMBER.fullmatch(key):
        return int(key)
    return int(hashlib.sha256(key.encode()).hexdigest()[:13], 16)
