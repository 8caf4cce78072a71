"""A job for the engine, and the outcome it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..contract.endings import FinishReason
from ..contract.limits import ANSWERS
from ..contract.sampling import Sampling, check


@dataclass(frozen=True)
class Job:
    """One answer to generate.

    `messages` are mappings with "role" and "content", oldest first. `max_tokens` bounds the answer,
    `max_thought_tokens` the thoughts before it. `stop` strings end the answer and are not part of
    it. It may take up to `deadline_s` from when it gets a slot, and wait up to `patience_s` for it.
    `prompt_format` is a Jinja chat template; "" takes the one in the weights' file. Clients take
    turns when slots are short. An answer that has `begun` already goes on from that text, which is
    part of it.
    """

    messages: tuple[Mapping[str, str], ...]
    sampling: Sampling
    max_tokens: int
    max_thought_tokens: int = ANSWERS.max_thought_tokens
    stop: tuple[str, ...] = ()
    deadline_s: float = ANSWERS.deadline_s
    patience_s: float = ANSWERS.patience_s
    prompt_format: str = ""
    client: str = ""
    begun: str = ""

    def __post_init__(self) -> None:
        check("messages", len(self.messages), len(self.messages) > 0, "at least one")
        check("max_tokens", self.max_tokens, self.max_tokens >= 1, "1 or more")
        check(
            "max_thought_tokens", self.max_thought_tokens, self.max_thought_tokens >= 0, "0 or more"
        )
        check("deadline_s", self.deadline_s, self.deadline_s > 0, "above 0")
        check("patience_s", self.patience_s, self.patience_s >= 0, "0 or more")
        texts = all(isinstance(stop, str) and stop for stop in self.stop)
        check("stop", self.stop, texts, "strings that are not empty")


class State(StrEnum):
    """The state of an answer. It only ever moves down this list."""

    QUEUED = "queued"
    PREFILLING = "prefilling"
    DECODING = "decoding"
    FINISHED = "finished"


@dataclass(frozen=True)
class Outcome:
    """How an answer ended. Times are seconds since submission."""

    finish_reason: FinishReason
    error: str  # a sentence, or ""
    queued_s: float  # until it had a slot
    first_token_s: float | None  # of the answer, not of its thoughts
    total_s: float
    prompt_tokens: int
    reused_tokens: int  # of the prompt: found in the slot's KV cache, not recomputed
    completion_tokens: int  # without the end-of-generation token and the thoughts
    tokens_per_second: float  # from the first token to the last; 0 below two tokens
    seed: int
    thought_tokens: int = 0
    vain_prompt_tokens: int = 0  # of calls repeated in other terms: also paid for
    vain_tokens: int = 0
    permanent: bool = False  # of an error: whether a retry would fail again
    of_prompt: bool = False  # of an error: whether the prompt is to blame
    weights_sha256: str = ""  # of the file that made it
    reports_usage: bool | None = None  # whether an API counted the tokens itself
