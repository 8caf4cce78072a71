"""The text of an answer, in any of the usual layouts."""

import json
from typing import Any

from evenhand import reprs


def answer_text(value: Any) -> str:
    """Text a model wrote: plain text, a list of answers, or a conversation (its answers only).

    A conversation is a list of {"role", "content"}, content being text or parts {"type", "text"}.
    Lists may also be JSON text, or as Python and numpy write them, as in a CSV file.
    """
    if isinstance(value, str):
        turns = _parsed(value)
        return value if turns is None else answer_text(turns)
    if isinstance(value, list):
        return "\n".join(_turn(turn) for turn in value)
    return ""


def side_of_turns(value: Any, side: str) -> str:
    """What the model on one side ("a" or "b") wrote in all turns of a battle in our own export."""
    turns = _parsed(value) if isinstance(value, str) else value
    answers = (_of(turn, f"answer_{side}", "text") for turn in turns or ())
    return "\n".join(answer for answer in answers if isinstance(answer, str))


def _of(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _parsed(value: str) -> list[Any] | None:
    """The list that a text is; None for other texts, which may begin with a bracket too."""
    if not value.startswith("["):
        return None
    for read in (json.loads, reprs.read):
        try:
            found = read(value)
        except (ValueError, RecursionError, reprs.NotRead):
            continue
        return found if isinstance(found, list) else None
    return None


def _turn(turn: Any) -> str:
    if isinstance(turn, str):
        return turn
    if not isinstance(turn, dict) or turn.get("role", "assistant") != "assistant":
        return ""
    content = turn.get("content", "")
    if isinstance(content, list):
        return "\n".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
