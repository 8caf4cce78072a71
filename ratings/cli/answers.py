"""The text of an answer, in any of the usual layouts."""

import json
from typing import Any


def answer_text(value: Any) -> str:
    """Text a model wrote: plain text, a list of answers, or a conversation (its answers only).

    A conversation is a list of {"role", "content"}, content being text or parts {"type", "text"}.
    Lists may also be JSON text, as in a CSV file.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, list):
        return "\n".join(_turn(turn) for turn in value)
    return ""


def _from_text(value: str) -> str:
    if value.startswith("["):
        try:
            turns = json.loads(value)
        except json.JSONDecodeError:
            return value  # an answer that happens to start with a bracket
        if isinstance(turns, list):
            return answer_text(turns)
    return value


def _turn(turn: Any) -> str:
    if isinstance(turn, str):
        return turn
    if not isinstance(turn, dict) or turn.get("role", "assistant") != "assistant":
        return ""
    content = turn.get("content", "")
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
