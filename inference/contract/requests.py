"""What travels between the arena and a model worker: plain data, no names, no database ids.

A request carries everything a worker needs; a result is all the arena learns.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, field, fields
from math import ceil
from typing import Any, Self

from .endings import FinishReason

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REMOTE = "remote:"  # what is asked over the network
# Where an API is if its endpoint names no address, by backend.
ADDRESSES = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}


@dataclass(frozen=True)
class Endpoint:
    """A model behind somebody's API. The key itself never travels: only its variable's name."""

    url: str  # "" is the provider's own
    model: str
    key_variable: str  # environment variable of the model worker; "" needs no key
    meter: str  # under which spending is counted
    timeout_s: float = 60.0
    daily_tokens: int | None = None  # caps; None is none
    daily_usd: float | None = None
    input_usd: float = 0.0  # per million tokens
    output_usd: float = 0.0

    def price(self, prompt_tokens: int, completion_tokens: int) -> float:
        """In US dollars."""
        return (prompt_tokens * self.input_usd + completion_tokens * self.output_usd) / 1e6


@dataclass(frozen=True)
class GenerateRequest:
    """One attempt at one answer: by `weights` here, or at an `endpoint` elsewhere."""

    stream: str  # where the text goes
    attempt: int
    weights: str
    messages: list[dict[str, str]]  # [{"role": ..., "content": ...}]
    backend: str = "llama_cpp"
    endpoint: Endpoint | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    stop: list[str] = field(default_factory=list)
    max_tokens: int = 512
    max_thought_tokens: int = 2048  # before the answer
    prompt_format: str = ""
    deadline_s: float = 120.0  # from its slot to its last token
    patience_s: float = 600.0  # from dispatch to its slot; less what it has waited when it arrived
    # When it arrived in this process, by a clock of its own that nobody sets. Does not travel.
    arrived: float = field(default_factory=time.monotonic, compare=False, repr=False)

    @property
    def queue(self) -> str:
        return queue_of(self.service)

    @property
    def service(self) -> str:
        """What a worker must serve to answer it."""
        return key_service(self.endpoint.key_variable) if self.endpoint else self.weights

    @property
    def prompt_estimate(self) -> int:
        """About how many tokens its messages are."""
        return sum(about_tokens(message["content"]) for message in self.messages)

    @property
    def patience_left(self) -> float:
        """Seconds for which it may still wait for its slot."""
        return max(0.0, self.arrived + self.patience_s - time.monotonic())

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "arrived"}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        endpoint = data.get("endpoint")
        made = Endpoint(**known(Endpoint, endpoint)) if endpoint else None
        return cls(**{**known(cls, data), "endpoint": made})


@dataclass(frozen=True)
class GenerateResult:
    """How an attempt ended. `error` is a sentence for the operator, never shown as an answer."""

    stream: str
    attempt: int
    text: str = ""
    finish_reason: FinishReason = FinishReason.ERROR
    error: str = ""
    permanent: bool = False  # whether trying again makes no sense
    of_prompt: bool = False  # whether the prompt is to blame: too long, or not allowed there
    queued_s: float = 0.0  # from dispatch to a slot
    first_token_s: float | None = None  # from there
    total_s: float = 0.0  # from there
    prompt_tokens: int = 0
    completion_tokens: int = 0
    thoughts: str = ""  # before the answer; shown after the vote, if at all
    thought_tokens: int = 0
    tokens_per_second: float = 0.0
    engine: str = ""
    weights_sha256: str = ""
    deadline_s: float | None = None  # that it had, from its slot

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        word = data.get("finish_reason")
        reason = FinishReason(str(word))
        said = {**known(cls, data), "finish_reason": reason}
        for name in ("text", "error", "thoughts", "engine", "weights_sha256"):
            said[name] = storable(said.get(name))
        if reason != word and not said.get("error"):
            said["error"] = (
                f"It ended with {word!r}, which this version does not know. Restart all processes."
            )
        return cls(**said)


def storable(text: object) -> str:
    """Text without what no database takes: NUL and half characters. Workers send none."""
    return _UNSTORABLE.sub("\ufffd", text) if isinstance(text, str) else ""


def known(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    """Of what another version may have sent: what this one knows."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def about_tokens(text: str) -> int:
    """The usual four bytes a token, where only an API could count and has not."""
    return ceil(len(text.encode(errors="replace")) / 4)


def queue_of(service: str) -> str:
    """Each service has its own: only a worker that holds the weights, or the key, takes from it."""
    return f"model.{service}"


def key_service(variable: str) -> str:
    """What a worker says it serves when it holds the key of that name."""
    return f"{_REMOTE}{variable}"


def key_of_service(service: str) -> str:
    """The name of its key; "" of weights, and of APIs that need none."""
    return service.removeprefix(_REMOTE) if is_remote(service) else ""


def is_remote(service: str) -> bool:
    """Whether it is a key's, not weights'."""
    return service.startswith(_REMOTE)
