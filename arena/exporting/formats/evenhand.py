"""Our own format, which has everything: how the pair was drawn, each side's revision and timings,
and which votes do not count, and why."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from arena.models import Revision, Side, Vote
from arena.personal import redacted

from ..votes import Exchange, ExportedVote, Sides

ANSWER = {
    "text": str,
    "finish_reason": str,
    "attempt": int,
    "queued_s": float,
    "first_token_s": float,
    "total_s": float,
    "prompt_tokens": int,
    "completion_tokens": int,
    "thoughts": str,
    "thought_tokens": int,
    "engine": str,
}
TURNS = [{"prompt": str, "answer_a": ANSWER, "answer_b": ANSWER}]
REVISION = {
    "number": int,
    "backend": str,
    "weights": str,
    "weights_sha256": str,
    "quantisation": str,
    "prompt_format": str,
    "system_prompt": str,
    "sampling": str,
    "max_tokens": int,
    "max_thought_tokens": int,
}
COLUMNS = {
    "id": str,
    "model_a": str,
    "model_b": str,
    "verdict": str,
    "criteria": str,
    "standing": str,
    "standing_reason": str,
    "reasons_a": [str],
    "reasons_b": [str],
    "comment_a": str,
    "comment_b": str,
    "voter": str,
    "order": int,
    "seconds": float,
    "turn": int,
    "early": bool,
    "words_seen": int,
    "at": datetime,
    "language": str,
    "categories": [str],
    "length": str,
    "labels_source": str,
    "selection_probability": float,
    "policy": str,
    "item": str,
    "turns": TURNS,
    "revision_a": REVISION,
    "revision_b": REVISION,
}


# What is not known of an imported vote. It counts, or it would not be exported.
UNKNOWN = dict.fromkeys(COLUMNS) | {"standing": "COUNTED", "turns": []}


def row(exported: ExportedVote) -> dict[str, Any]:
    labels = exported.labels
    return {
        **UNKNOWN,
        "id": exported.key,
        "model_a": exported.model_a,
        "model_b": exported.model_b,
        "verdict": exported.verdict,
        "criteria": None if exported.criteria is None else json.dumps(exported.criteria),
        "voter": exported.voter,
        "order": exported.order,
        "at": exported.at,
        "language": labels.language,
        "categories": labels.categories,
        "length": labels.length,
        "labels_source": labels.source,
        "item": exported.item,
        **(about_the_vote(exported, exported.vote) if exported.vote else {}),
    }


def about_the_vote(exported: ExportedVote, vote: Vote) -> dict[str, Any]:
    """What only this arena knows."""
    return {
        **{f"reasons_{side.lower()}": exported.reasons(side) for side in Side},
        **{f"comment_{side.lower()}": exported.comment(side) for side in Side},
        "standing": vote.standing,
        "standing_reason": vote.standing_reason,
        "seconds": vote.seconds,
        "turn": vote.turn.number if vote.turn else None,
        "early": vote.early,
        "words_seen": vote.words_seen,
        "selection_probability": vote.battle.selection_probability,
        "policy": vote.battle.policy,
        "turns": turns(exported.sides),
        **{f"revision_{side.lower()}": revision(exported.revision(side)) for side in Side},
    }


def turns(sides: Sides) -> list[dict[str, Any]]:
    both = zip(sides[Side.A], sides[Side.B], strict=True)
    return [{"prompt": a.prompt, "answer_a": answer(a), "answer_b": answer(b)} for a, b in both]


def answer(exchange: Exchange) -> dict[str, Any]:
    return {name: getattr(exchange.said, name) for name in ANSWER} | {
        "text": exchange.answer,
        "thoughts": redacted(exchange.said.thoughts),
    }


def revision(found: Revision | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {name: getattr(found, name) for name in REVISION} | {
        "sampling": json.dumps(found.sampling, sort_keys=True),
        "system_prompt": redacted(found.system_prompt),
    }
