"""The format of `chatbot_arena_conversations`, 2023."""

from __future__ import annotations

from typing import Any

from arena.labels.languages import name_of

from ..conversations import MESSAGES, both, timestamp
from ..votes import ExportedVote

WINNERS = {"A": "model_a", "B": "model_b", "TIE": "tie", "BOTH_BAD": "tie (bothbad)"}
COLUMNS = {
    "question_id": str,
    "model_a": str,
    "model_b": str,
    "winner": str,
    "judge": str,
    "conversation_a": MESSAGES,
    "conversation_b": MESSAGES,
    "turn": int,
    "anony": bool,
    "language": str,
    "tstamp": float,
    "openai_moderation": {"flagged": bool},
    "toxic_chat_tag": {"flagged": bool},
}


def row(vote: ExportedVote) -> dict[str, Any]:
    """A row. There is no moderation here, so its two columns are empty."""
    return {
        "question_id": vote.key,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "winner": WINNERS[vote.verdict],
        "judge": vote.voter,
        **both(vote),
        "turn": vote.turns,
        "anony": True,
        "language": name_of(vote.language),
        "tstamp": timestamp(vote),
        "openai_moderation": None,
        "toxic_chat_tag": None,
    }
