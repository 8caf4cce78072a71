"""The format of `arena-human-preference-140k`, 2025."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..conversations import both, parts
from ..measures import CATEGORIES, category_tags, conversation_metadata
from ..votes import ExportedVote, as_uuid
from .arena_100k import METADATA

WINNERS = {"A": "model_a", "B": "model_b", "TIE": "tie", "BOTH_BAD": "both_bad"}
UNDETERMINED = "und"  # ISO 639's code for an undetermined language
PARTS = [{"type": str, "text": str, "image": str, "mimeType": str}]
MESSAGE = {"role": str, "content": PARTS}
COLUMNS = {
    "id": str,
    "model_a": str,
    "model_b": str,
    "winner": str,
    "evaluation_session_id": str,
    "evaluation_order": int,
    "conversation_a": [MESSAGE],
    "conversation_b": [MESSAGE],
    "full_conversation": [
        {"user": MESSAGE, "model_side_a": MESSAGE, "model_side_b": MESSAGE},
    ],
    "conv_metadata": METADATA,
    "category_tag": {name: dict.fromkeys(labels, bool) for name, labels in CATEGORIES.items()},
    "language": str,
    "is_code": bool,
    "timestamp": datetime,
}


def row(vote: ExportedVote) -> dict[str, Any]:
    """A row. An imported vote keeps its original ids of vote and voter."""
    sides = {name: list(map(parts, said)) for name, said in both(vote).items()}
    return {
        "id": as_uuid(vote.key) if vote.vote else vote.key,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "winner": WINNERS[vote.verdict],
        "evaluation_session_id": as_uuid(vote.voter) if vote.vote else vote.voter,
        "evaluation_order": vote.order,
        **sides,
        "full_conversation": full_conversation(**sides),
        "conv_metadata": conversation_metadata(vote),
        "category_tag": category_tags(vote),
        "language": vote.language or UNDETERMINED,
        "is_code": vote.labels.has("coding"),
        "timestamp": vote.at.astimezone(UTC).replace(tzinfo=None) if vote.at else None,
    }


def full_conversation(
    conversation_a: list[dict[str, Any]], conversation_b: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Turn by turn, with both answers."""
    turns = zip(conversation_a[::2], conversation_a[1::2], conversation_b[1::2], strict=True)
    return [{"user": user, "model_side_a": a, "model_side_b": b} for user, a, b in turns]
