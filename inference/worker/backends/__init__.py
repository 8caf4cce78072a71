"""Ways to run a model. A new one is a module here with a class `Backend`, and its name below."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Protocol

from inference.contract.errors import EngineError
from inference.contract.requests import GenerateRequest
from inference.engine import Generation

NAMES = ("llama_cpp", "openai", "anthropic")


@dataclass(frozen=True)
class Host:
    """What the machine allows its models."""

    folder: Path  # with the weights
    ram_bytes: int
    slots: int  # answers at a time, of each weights
    remote_slots: int = field(default=16, kw_only=True)  # at a time, for each key of an API
    context: int  # tokens of an answer, with its prompt
    threads: int | None = None  # that decode; None: one for each core


class Running(Protocol):
    """A backend on a host. Called from many threads."""

    def generate(self, request: GenerateRequest) -> AbstractContextManager[Generation]:
        """The answer in the making. Raises EngineError when it cannot begin."""
        ...

    def describe(self, request: GenerateRequest) -> str:
        """What runs it, with its version, for the record."""
        ...

    @property
    def occupied(self) -> Mapping[str, int]:
        """Slots in use, by weights; what only waits for one is not in it."""
        ...

    @property
    def tokens_per_second(self) -> float:
        """Of all its answers together, over the last seconds."""
        ...

    def close(self) -> None: ...


def start(name: str, host: Host) -> Running:
    """Raises EngineError, permanent, for a name that is none."""
    if name not in NAMES:
        known = ", ".join(NAMES)
        raise EngineError(f"There is no backend {name!r}; there are {known}.", permanent=True)
    backend: Running = import_module(f"{__name__}.{name}").Backend(host)
    return backend
