"""The format of compar:IA's data since 2026, with a row for each turn of a conversation. A vote is
about one turn here, so it is one row; turns without a vote have none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from arena.models import Answer, Side
from arena.personal import redacted

from ..votes import Exchange, ExportedVote

CHOICES = {"A": "a_better", "B": "b_better", "TIE": "both_good", "BOTH_BAD": "both_bad"}
MESSAGES = [{"role": str, "content": str, "user_content": str, "reasoning_content": str}]
OF_TURN = {
    f"{name}_{side}": kind
    for name, kind in (("tokens", int), ("conso", float), ("duration", float), ("latency", float))
    for side in "ab"
}
METADATA = {
    **OF_TURN,
    "time_to_vote": float,
    "mode": str,
    "custom_models_selection": [str],
    "categories": [str],
    "languages": [str],
    "short_summary": str,
    "total_tokens_a": int,
    "total_tokens_b": int,
    "total_conso_a": float,
    "total_conso_b": float,
}
COLUMNS = {
    "response_id": str,
    "choice": str,
    "response_a": MESSAGES,
    "response_b": MESSAGES,
    "web_search_results": [{"name": str, "url": str, "content": str}],
    "turn": int,
    "comparison_id": str,
    "model_a": str,
    "model_b": str,
    "timestamp": datetime,
    "full_conversation_a": MESSAGES,
    "full_conversation_b": MESSAGES,
    "metadata": METADATA,
}


def row(vote: ExportedVote) -> dict[str, Any]:
    """A row. Turns count from 0. There is no search, and energy is not estimated here."""
    turn = turn_of(vote)
    return {
        "response_id": vote.key,
        "choice": CHOICES[vote.verdict],
        **{f"response_{side.lower()}": messages(vote.sides[side][turn:][:1]) for side in Side},
        "web_search_results": None,
        "turn": turn,
        "comparison_id": vote.key,
        "model_a": vote.model_a,
        "model_b": vote.model_b,
        "timestamp": vote.at.astimezone(UTC).replace(tzinfo=None) if vote.at else None,
        **{f"full_conversation_{side.lower()}": messages(vote.sides[side]) for side in Side},
        "metadata": metadata(vote, turn),
    }


def turn_of(vote: ExportedVote) -> int:
    """The position of the turn that decided; the last, if none is named."""
    if vote.vote and vote.vote.turn:
        return vote.vote.turn.number - 1
    return max(vote.turns - 1, 0)


def messages(said: list[Exchange]) -> list[dict[str, str | None]]:
    return [message for exchange in said for message in (asked(exchange), answered(exchange))]


def asked(exchange: Exchange) -> dict[str, str | None]:
    text = exchange.prompt
    return {"role": "user", "content": text, "user_content": text, "reasoning_content": None}


def answered(exchange: Exchange) -> dict[str, str | None]:
    return {
        "role": "assistant",
        "content": exchange.answer,
        "user_content": None,
        "reasoning_content": redacted(exchange.said.thoughts) or None,
    }


def metadata(vote: ExportedVote, turn: int) -> dict[str, Any]:
    found = dict.fromkeys(METADATA) | {"languages": [vote.language] if vote.language else None}
    for side in Side:
        said = [exchange.said for exchange in vote.sides[side]]
        of_turn = [measures(answer) for answer in said[turn:][:1]]
        tokens = [answer.completion_tokens for answer in said]
        found |= {f"{name}_{side.lower()}": value for each in of_turn for name, value in each}
        found[f"total_tokens_{side.lower()}"] = total(tokens)
    return found


def measures(answer: Answer) -> list[tuple[str, float | None]]:
    first, whole = answer.first_token_s, answer.total_s
    return [
        ("tokens", answer.completion_tokens),
        ("latency", first),
        ("duration", None if first is None or whole is None else whole - first),
    ]


def total(values: list[int | None]) -> int | None:
    """The sum, if all are known."""
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None
