"""The backends that run models. Each is a module here with a class `Backend`, named in `NAMES`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

from inference.contract.errors import EngineError
from inference.contract.requests import GenerateRequest
from inference.engine import Generation, Hardware
from inference.engine.hardware import USUAL

NAMES = ("llama_cpp", "openai", "anthropic", "moderation")


@dataclass(frozen=True)
class Host:
    """The resources of this machine for models."""

    folder: Path  # with the weights
    ram_bytes: int
    slots: int  # answers at a time, per weights
    remote_slots: int = field(default=16, kw_only=True)  # at a time, per API key
    context: int  # tokens of an answer, with its prompt
    hardware: Hardware = USUAL


class Running(Protocol):
    """A backend on a host. Must be thread-safe."""

    def generate(self, request: GenerateRequest) -> AbstractContextManager[Generation]:
        """Begin an answer. Raises EngineError if it cannot begin."""
        ...

    def describe(self, request: GenerateRequest) -> str:
        """The engine or API and its version, stored with the answer."""
        ...

    def learned(self, request: GenerateRequest) -> tuple[str, ...]:
        """What its API was found to accept (`contract.lessons`)."""
        ...

    def can_begin(self, weights: str) -> bool:
        """Whether an answer by these would not wait for memory."""
        ...

    @property
    def occupied(self) -> Mapping[str, int]:
        """Slots in use, by weights; without answers that still wait for a slot."""
        ...

    @property
    def tokens_per_second(self) -> float:
        """The throughput of all its answers together, over the last seconds."""
        ...

    def close(self) -> None: ...


def start(name: str, host: Host) -> Running:
    """Start a backend. Raises EngineError, permanent, if the name is unknown."""
    if name not in NAMES:
        known = ", ".join(NAMES)
        raise EngineError(f"There is no backend {name!r}; there are {known}.", permanent=True)
    backend: Running = import_module(f"{__name__}.{name}").Backend(host)
    return backend
