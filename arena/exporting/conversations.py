"""Conversations as the releases write them."""

from __future__ import annotations

from typing import Any

from arena.models import Side

from .votes import ExportedVote

MESSAGES = [{"content": str, "role": str}]


def messages(vote: ExportedVote, side: Side) -> list[dict[str, str]]:
    found = []
    for exchange in vote.sides[side]:
        found.append({"content": exchange.prompt, "role": "user"})
        found.append({"content": exchange.answer, "role": "assistant"})
    return found


def both(vote: ExportedVote) -> dict[str, list[dict[str, str]]]:
    return {
        "conversation_a": messages(vote, Side.A),
        "conversation_b": messages(vote, Side.B),
    }


def timestamp(vote: ExportedVote) -> float | None:
    """Seconds since 1970, where the time is known."""
    return vote.at.timestamp() if vote.at else None


def parts(message: dict[str, str]) -> dict[str, Any]:
    """A message as the newest release writes it, which has room for pictures."""
    part = {"type": "text", "text": message["content"], "image": None, "mimeType": None}
    return {"role": message["role"], "content": [part]}
