"""Token counts of answers from an API: our own estimate, and the API's figures as far as they are
plausible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from inference.contract.requests import GenerateRequest

LONGEST = 12  # at most so many bytes per token on average, in any script
SHORTEST = 3  # at least so many on average; shorter pieces are single letters
TIMES = 4  # the factor over the requested amount up to which a figure is plausible


class Count:
    """Counts one stream of text. Most servers send a token per piece, some more, a few letters."""

    def __init__(self) -> None:
        self.pieces = 0
        self.bytes = 0

    def add(self, piece: str) -> None:
        self.pieces += 1
        self.bytes += len(piece.encode(errors="replace"))

    @property
    def at_least(self) -> int:
        """A lower bound of the tokens, so that no answer is cut off too early."""
        tokens = self.pieces if self.bytes >= SHORTEST * self.pieces else 0
        return max(tokens, -(-self.bytes // LONGEST))

    @property
    def about(self) -> int:
        """An estimate of the tokens, to charge by if the API reports none."""
        by_length = -(-self.bytes // 4)
        return self.pieces if by_length < 2 * self.pieces else by_length


def beginning(text: str, room: int) -> str:
    """The first `room` bytes of `text`, in whole characters."""
    return text.encode(errors="replace")[: max(0, room)].decode(errors="ignore")


@dataclass
class Usage:
    """The counts the API reports, mostly at the end; None until then, or if implausible."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None  # with thoughts
    thought_tokens: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the whole bill is known without an estimate."""
        return None not in (self.prompt_tokens, self.completion_tokens)


def take(usage: Usage, request: GenerateRequest, **said: Any) -> None:
    """Take the plausible figures: integers that do not absurdly exceed what was requested."""
    answer = TIMES * (request.max_tokens + request.max_thought_tokens)
    prompt = TIMES * request.prompt_estimate + 10_000  # providers may add a prompt of their own
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
    """The token counts of one call."""

    prompt: int
    answer: int
    thoughts: int


def tokens_of(request: GenerateRequest, usage: Usage, answer: Count, thoughts: Count) -> Tokens:
    """The API's counts where plausible, otherwise our own estimate, which is never more than was
    requested."""
    prompt = usage.prompt_tokens or request.prompt_estimate
    thought = usage.thought_tokens or min(thoughts.about, request.max_thought_tokens)
    said = usage.completion_tokens
    if said is None or 2 * said < answer.at_least + thoughts.at_least:
        return Tokens(prompt, min(answer.about, request.max_tokens), thought)
    # Most APIs include the tokens of the thoughts here.
    return Tokens(prompt, said - thought if said > thought else said, thought)
