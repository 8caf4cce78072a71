"""The format of compar:IA's votes, where each reason has a column for each side. It does not
distinguish "both bad" from a tie."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from arena.models import Revision, Side, Verdict
from arena.personal import redacted

from ..conversations import MESSAGES, both
from ..votes import ExportedVote

# Our keys of reasons are its own; it has no column for our others.
REASONS = (
    "useful", "complete", "creative", "clear_formatting", "incorrect", "superficial",
    "instructions_not_followed",
)  # fmt: skip
COLUMNS = {
    "timestamp": datetime,
    "model_a_name": str,
    "model_b_name": str,
    "model_pair_name": [str],
    "chosen_model_name": str,
    "both_equal": bool,
    "opening_msg": str,
    "conversation_a": MESSAGES,
    "conversation_b": MESSAGES,
    "conv_turns": int,
    "system_prompt_a": str,
    "system_prompt_b": str,
    "selected_category": str,
    "is_unedited_prompt": bool,
    "conversation_pair_id": str,
    "session_hash": str,
    "visitor_id": str,
    "conv_comments_a": str,
    "conv_comments_b": str,
    **{f"conv_{reason}_{side}": bool for reason in REASONS for side in "ab"},
}


def row(vote: ExportedVote) -> dict[str, Any]:
    """A row. Prompts have no chosen category here, and there are no sessions."""
    sides = vote.sides[Side.A]
    return {
        "timestamp": vote.at.astimezone(UTC).replace(tzinfo=None) if vote.at else None,
        "model_a_name": vote.model_a,
        "model_b_name": vote.model_b,
        "model_pair_name": [vote.model_a, vote.model_b],
        "chosen_model_name": {"A": vote.model_a, "B": vote.model_b}.get(vote.verdict),
        "both_equal": vote.verdict in (Verdict.TIE, Verdict.BOTH_BAD),
        "opening_msg": sides[0].prompt if sides else None,
        **both(vote),
        "conv_turns": vote.turns,
        "system_prompt_a": system_prompt(vote.revision(Side.A)),
        "system_prompt_b": system_prompt(vote.revision(Side.B)),
        "selected_category": None,
        "is_unedited_prompt": None,
        "conversation_pair_id": vote.key,
        "session_hash": None,
        "visitor_id": vote.voter,
        **{f"conv_comments_{side.lower()}": vote.comment(side) for side in Side},
        **reasons(vote),
    }


def reasons(vote: ExportedVote) -> dict[str, bool | None]:
    """Whether the voter gave each for each side; None for an imported vote."""
    given = {side.lower(): vote.reasons(side) for side in Side}
    return {
        f"conv_{reason}_{side}": None if said is None else reason in said
        for reason in REASONS
        for side, said in given.items()
    }


def system_prompt(revision: Revision | None) -> str | None:
    return redacted(revision.system_prompt) if revision else None
