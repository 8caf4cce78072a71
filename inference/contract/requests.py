"""Messages between the arena and a model worker: plain data, no names, no database ids.

A request has everything a worker needs; a result is all that the arena learns.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass, field, fields
from math import ceil
from typing import Any, Self

from .endings import FinishReason
from .limits import ANSWERS

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REMOTE = "remote:"  # the prefix of services reached over the network
# Default base URLs of the APIs, by backend.
ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "moderation": "https://api.openai.com/v1",
}


@dataclass(frozen=True)
class Endpoint:
    """A model behind an API. The key itself is never sent, only its variable's name."""

    url: str  # "" for the provider's default
    model: str
    key_variable: str  # environment variable of the model worker; "" if no key is needed
    meter: str  # the name under which spending is counted
    timeout_s: float = ANSWERS.silence_s
    daily_tokens: int | None = None  # caps; None for no cap
    daily_usd: float | None = None
    input_usd: float = 0.0  # per million tokens
    output_usd: float = 0.0
    lessons: tuple[str, ...] = ()  # what it is known to accept (`lessons`)
    trial: int = 0  # another number: forget what was learned, and find it out again

    def price(self, prompt_tokens: int, completion_tokens: int) -> float:
        """In US dollars."""
        return (prompt_tokens * self.input_usd + completion_tokens * self.output_usd) / 1e6


@dataclass(frozen=True)
class GenerateRequest:
    """One attempt at one answer: with local `weights`, or through an `endpoint`."""

    stream: str  # where the text goes
    attempt: int
    weights: str
    messages: list[dict[str, str]]  # [{"role": ..., "content": ...}]
    backend: str = "llama_cpp"
    endpoint: Endpoint | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    stop: list[str] = field(default_factory=list)
    max_tokens: int = ANSWERS.max_tokens
    max_thought_tokens: int = ANSWERS.max_thought_tokens  # before the answer
    prompt_format: str = ""
    deadline_s: float = ANSWERS.deadline_s  # from its slot to its last token
    patience_s: float = ANSWERS.patience_s  # from dispatch to its slot; workers subtract the wait
    client: str = ""  # who waits for it, so that clients take turns (`fairness`)
    begun: str = ""  # what a worker that was stopped has written of it: to go on from there
    # What the result is for, signed by the arena: sent back with it, and means nothing to a worker.
    ticket: str = field(default="", compare=False, repr=False)
    request_id: str = field(default="", compare=False)  # of the visitor who asks (`request_ids`)
    trace: str = field(default="", compare=False)  # of the battle (`traces`)
    # When it arrived in this process, by its monotonic clock. Not serialised.
    arrived: float = field(default_factory=time.monotonic, compare=False, repr=False)

    @property
    def queue(self) -> str:
        return queue_of(self.service)

    @property
    def service(self) -> str:
        """The service that a worker must provide to answer it."""
        return service_of(self.weights, self.endpoint.key_variable if self.endpoint else None)

    @property
    def prompt_estimate(self) -> int:
        """An estimate of the tokens of its messages."""
        return sum(about_tokens(message["content"]) for message in self.messages)

    @property
    def patience_left(self) -> float:
        """How much longer it may wait for a slot [s]."""
        return max(0.0, self.arrived + self.patience_s - time.monotonic())

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "arrived"}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        endpoint = data.get("endpoint")
        made = _endpoint(endpoint) if endpoint else None
        return cls(**{**known(cls, data), "endpoint": made})


def _endpoint(data: dict[str, Any]) -> Endpoint:
    return Endpoint(**{**known(Endpoint, data), "lessons": tuple(data.get("lessons") or ())})


@dataclass(frozen=True)
class GenerateResult:
    """How an attempt ended. `error` is a sentence for the operator, never shown as an answer."""

    stream: str
    attempt: int
    text: str = ""  # of an answer that is handed back: what can be gone on from
    finish_reason: FinishReason = FinishReason.ERROR
    error: str = ""
    permanent: bool = False  # whether a retry would fail again
    of_prompt: bool = False  # whether the prompt is to blame: too long, or not allowed by the API
    queued_s: float = 0.0  # from dispatch to a slot
    first_token_s: float | None = None  # from when it got a slot
    total_s: float = 0.0  # from when it got a slot
    prompt_tokens: int = 0
    completion_tokens: int = 0
    thoughts: str = ""  # before the answer; shown after the vote, if at all
    thought_tokens: int = 0
    tokens_per_second: float = 0.0
    engine: str = ""
    weights_sha256: str = ""
    deadline_s: float | None = None  # the limit it had, from when it got a slot
    reports_usage: bool | None = None  # whether its API counted the tokens; None: it has none
    learned: tuple[str, ...] = ()  # what its API was found to accept (`lessons`)
    trial: int = 0  # as its endpoint says: in which attempt at finding out
    request_id: str = ""  # that of its request
    handed_back: bool = False  # its worker was stopped

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        word = data.get("finish_reason")
        reason = FinishReason(str(word))
        said = {**known(cls, data), "finish_reason": reason}
        for name in ("text", "error", "thoughts", "engine", "weights_sha256"):
            said[name] = storable(said.get(name))
        said["learned"] = tuple(storable(each) for each in said.get("learned") or ())
        if reason != word and not said.get("error"):
            said["error"] = (
                f"It ended with {word!r}, which this version does not know. Restart all processes."
            )
        return cls(**said)


def storable(text: object) -> str:
    """Replace what no database can store: NUL and lone surrogates. Our workers send none."""
    return _UNSTORABLE.sub("\ufffd", text) if isinstance(text, str) else ""


def known(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    """The fields of `data` that `kind` has: another version may send more."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def encoded(data: dict[str, Any]) -> bytes:
    """As JSON, without half characters (surrogates), which servers may send and no page shows."""
    return json.dumps(data, ensure_ascii=False).encode(errors="replace")


def about_tokens(text: str) -> int:
    """An estimate by the rule of thumb of four bytes per token."""
    return ceil(len(text.encode(errors="replace")) / 4)


def queue_of(service: str) -> str:
    """The queue of a service, which only workers with its weights or its key consume."""
    return f"model.{service}"


def service_of_queue(queue: str) -> str:
    return queue.removeprefix(queue_of(""))


def service_of(weights: str, key_variable: str | None) -> str:
    """What a worker must provide to run a model: its weights or, for an API, the key in that
    variable; None for weights of our own."""
    return weights if key_variable is None else key_service(key_variable)


def key_service(variable: str) -> str:
    """The service that a worker provides if it holds the key in that variable."""
    return f"{_REMOTE}{variable}"


def key_of_service(service: str) -> str:
    """The variable of its key; "" for weights, and for APIs that need none."""
    return service.removeprefix(_REMOTE) if is_remote(service) else ""


def is_remote(service: str) -> bool:
    """Whether a service is an API, not local weights."""
    return service.startswith(_REMOTE)
