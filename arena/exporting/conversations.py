"""Conversations in the form of the published data sets."""

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
    """Seconds since the epoch; None if the time is unknown."""
    return vote.at.timestamp() if vote.at else None


def parts(message: dict[str, str]) -> dict[str, Any]:
    """A message in the form of the newest release, which allows images."""
    part = {"type": "text", "text": message["content"], "image": None, "mimeType": None}
    return {"role": message["role"], "content": [part]}
