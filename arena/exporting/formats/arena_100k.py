"""The format of `arena-human-preference-100k`, 2024."""

from __future__ import annotations

from typing import Any

from arena.labels.languages import name_of

from ..conversations import MESSAGES, both, timestamp
from ..measures import CATEGORIES, category_tags, conversation_metadata
from ..votes import ExportedVote
from .arena_33k import WINNERS

LABELLED = ("criteria_v0.1", "if_v0.1", "math_v0.1")
SIDE_COUNTS = {
    "header_count": {f"h{level}": int for level in range(1, 7)},
    "list_count": {"ordered": int, "unordered": int},
    "bold_count": {"**": int, "__": int},
}
METADATA = {
    "sum_user_tokens": int,
    "sum_assistant_a_tokens": int,
    "sum_assistant_b_tokens": int,
    "context_a_tokens": int,
    "context_b_tokens": int,
    "turns": int,
    **{f"{name}_{side}": counts for side in "ab" for name, counts in SIDE_COUNTS.items()},
}
COLUMNS = {
    "question_id": str,
    "model_a": str,
    "model_b": str,
    "winner": str,
    "conversation_a": MESSAGES,
    "conversation_b": MESSAGES,
    "turn": int,
    "anony": bool,
    "language": str,
    "tstamp": float,
    "conv_metadata": METADATA,
    "is_code": bool,
    "is_refusal": bool,
    "dedup_tag": {"high_freq": bool, "sampled": bool},
    "category_tag": {name: dict.fromkeys(CATEGORIES[name], bool) for name in LABELLED},
    "judge_hash": str,
}


def row(vote: ExportedVote) -> dict[str, Any]:
    """A row. Refusals are not detected here, and no prompts are left out as too frequent."""
    return {
        "question_id": vote.key,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "winner": WINNERS[vote.verdict],
        **both(vote),
        "turn": vote.turns,
        "anony": True,
        "language": name_of(vote.language),
        "tstamp": timestamp(vote),
        "conv_metadata": conversation_metadata(vote),
        "is_code": vote.labels.has("coding"),
        "is_refusal": None,
        "dedup_tag": {"high_freq": False, "sampled": True},
        "category_tag": category_tags(vote, *LABELLED),
        "judge_hash": vote.voter,
    }
