"""Tokens of an answer that somebody else makes: counted by ourselves, and what the API says of them
believed as far as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from inference.contract.requests import GenerateRequest

LONGEST = 12  # bytes that a token has on average at most, in any script
SHORTEST = 3  # bytes that a token has on average at least; pieces shorter than that are letters
TIMES = 4  # as much as was asked for may be believed


class Count:
    """Of one stream of text. Most servers send a token a piece, some more, few single letters."""

    def __init__(self) -> None:
        self.pieces = 0
        self.bytes = 0

    def add(self, piece: str) -> None:
        self.pieces += 1
        self.bytes += len(piece.encode(errors="replace"))

    @property
    def at_least(self) -> int:
        """As many as it certainly has: an answer is never cut short for less."""
        tokens = self.pieces if self.bytes >= SHORTEST * self.pieces else 0
        return max(tokens, -(-self.bytes // LONGEST))

    @property
    def about(self) -> int:
        """To charge by, where the API has not counted."""
        by_length = -(-self.bytes // 4)
        return self.pieces if by_length < 2 * self.pieces else by_length


def beginning(text: str, room: int) -> str:
    """The first `room` bytes of `text`, in whole characters."""
    return text.encode(errors="replace")[: max(0, room)].decode(errors="ignore")


@dataclass
class Usage:
    """What the API says, mostly at the end; None until it does, or if it cannot be."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None  # with thoughts
    thought_tokens: int | None = None


def take(usage: Usage, request: GenerateRequest, **said: Any) -> None:
    """Note what is plausible of it: a whole number, and not absurdly more than was asked for."""
    answer = TIMES * (request.max_tokens + request.max_thought_tokens)
    prompt = TIMES * request.prompt_estimate + 10_000  # providers may have added a text of theirs
    for name, most in (
        ("prompt_tokens", prompt),
        ("completion_tokens", answer),
        ("thought_tokens", answer),
    ):
        number = _whole(said.get(name))
        if number is not None and 0 < number <= most:
            setattr(usage, name, number)


def _whole(said: object) -> int | None:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    if isinstance(said, float) and not said.is_integer():
        return None
    return int(said)


class Tokens(NamedTuple):
    """Of one call."""

    prompt: int
    answer: int
    thoughts: int


def tokens_of(request: GenerateRequest, usage: Usage, answer: Count, thoughts: Count) -> Tokens:
    """As the API says, where it can be; else by our own count, and never more than it was asked
    for."""
    prompt = usage.prompt_tokens or request.prompt_estimate
    thought = usage.thought_tokens or min(thoughts.about, request.max_thought_tokens)
    said = usage.completion_tokens
    if said is None or 2 * said < answer.at_least + thoughts.at_least:
        return Tokens(prompt, min(answer.about, request.max_tokens), thought)
    # Of most APIs the tokens of the thoughts are among these.
    return Tokens(prompt, said - thought if said > thought else said, thought)
