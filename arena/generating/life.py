"""How the answers of battles, of batches and of label questions differ within one life cycle: how
many attempts each may have, for how long, and what giving up means."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Generic, TypeVar

from django.db.models import QuerySet

from inference.contract import traces
from inference.contract.requests import GenerateRequest, GenerateResult

from ..limits import AnswerTimes
from ..models.generated import Generated


class Cause(Enum):
    """What made an attempt fail."""

    MODEL = auto()
    WORKER = auto()
    LOST = auto()  # its task, its stream or its result was lost on the way
    QUEUE = auto()  # no worker began it


@dataclass(frozen=True)
class Fault:
    """Why an attempt failed."""

    reason: str
    cause: Cause = Cause.MODEL
    permanent: bool = False  # whether a retry would fail in the same way
    of_prompt: bool = False  # whether the prompt is to blame, not the model


@dataclass(frozen=True)
class Policy:
    times: AnswerTimes
    attempts: Mapping[Cause, int] = field(default_factory=dict)  # at most, by last cause


G = TypeVar("G", bound=Generated)


class Life(ABC, Generic[G]):
    """The life cycle of one kind of answer, each a row in the database."""

    model: type[G]
    needs: tuple[str, ...]  # related rows that `messages` reads, for select_related
    task: str  # the name of the task that receives the results

    @property
    @abstractmethod
    def policy(self) -> Policy: ...

    @abstractmethod
    def lock(self, pk: int) -> None:
        """Lock the row that guards the answer, until the transaction ends."""

    @abstractmethod
    def messages(self, one: G) -> list[dict[str, str]]:
        """The messages that ask for it."""

    def voter_of(self, one: G) -> int | None:
        """The primary key of the voter who waits for it; None if nobody does."""
        return None

    def trace_of(self, one: G) -> str:
        """The trace that it belongs to, if any (`inference.contract.traces`)."""
        return traces.NONE

    def shaped(self, request: GenerateRequest) -> GenerateRequest:
        """The request as this kind of answer needs it."""
        return request

    def underway(self) -> QuerySet[G]:
        rows = self.model._default_manager.select_related(*self.needs)
        return rows.filter(state=Generated.State.QUEUED)

    def present(self, pk: int, attempt: int) -> G | None:
        """The answer, if `attempt` is its current attempt."""
        return self.underway().filter(pk=pk, attempt=attempt).first()

    def held(self, one: G) -> G | None:
        """The answer, locked and read again; None if `one` is stale."""
        self.lock(one.pk)
        return self.present(one.pk, one.attempt)

    @abstractmethod
    def give_up(self, one: G, fault: Fault) -> bool:
        """End the answer, since no attempt is left. False if it changed nothing: `one` is stale, or
        still has hope. Called with no locks held, so that it may ask the broker first."""

    def is_last(self, one: G, fault: Fault) -> bool:
        """Whether no attempt is left after this failure."""
        return fault.permanent or one.tries >= self.policy.attempts[fault.cause]

    def unsent(self, one: G) -> None:
        """The broker was unavailable, so `one` is not queued. The watchdog will retry it."""

    def ended(self, one: G, fault: Fault | None) -> None:
        """Called when the current attempt has ended, with no locks held."""

    def late(self, pk: int, result: GenerateResult) -> None:
        """Called with the result of a stale attempt."""

    def abandoned(self, one: G) -> bool:
        """End the answer if nobody is waiting for it any more. True if that was so."""
        return False
