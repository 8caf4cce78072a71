"""As `arena-human-preference-55k` of 2024: texts are lists in JSON, a column for each winner. It
tells no "both bad" from a tie."""

from __future__ import annotations

import json
from typing import Any

from arena.models import Side

from .votes import ExportedVote

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
        "id": vote.number,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "prompt": json.dumps([each.prompt for each in a]),
        "response_a": json.dumps([each.answer for each in a]),
        "response_b": json.dumps([each.answer for each in b]),
        "winner_model_a": int(vote.verdict == "A"),
        "winner_model_b": int(vote.verdict == "B"),
        "winner_tie": int(vote.verdict in ("TIE", "BOTH_BAD")),
    }
