"""What differs between the answers of battles, of batches and of questions for labels, in what is
one life: who may try how often, for how long, and what giving up means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Generic, TypeVar

from django.db.models import QuerySet

from inference.contract.requests import GenerateResult

from ..models.generated import Generated


class Cause(Enum):
    """Whose fault it is that an attempt came to nothing."""

    MODEL = auto()
    WORKER = auto()
    LOST = auto()  # nobody's: its task, its stream or its result was lost on the way
    QUEUE = auto()  # it was never begun


@dataclass(frozen=True)
class Fault:
    """Why an attempt came to nothing."""

    reason: str
    cause: Cause = Cause.MODEL
    permanent: bool = False  # whether another attempt would end like it
    of_prompt: bool = False  # whether the prompt is to blame, not the model


@dataclass(frozen=True)
class Policy:
    deadline_s: float  # from its slot to its last token
    patience_s: float  # from dispatch to its slot
    unserved_s: float = 0.0  # for which it waits while no worker alive serves it
    attempts: Mapping[Cause, int] = field(default_factory=dict)  # at most, of one revision


G = TypeVar("G", bound=Generated)


class Life(Generic[G]):
    """Of one kind of answers, each a row of the database."""

    model: type[G]
    needs: tuple[str, ...]  # rows that belong to one, and that `messages` reads
    task: str  # takes the results

    @property
    def policy(self) -> Policy:
        raise NotImplementedError

    def lock(self, pk: int) -> None:
        """What stands for the answer, until the transaction ends."""
        raise NotImplementedError

    def messages(self, one: G) -> list[dict[str, str]]:
        """What it is asked for with."""
        raise NotImplementedError

    def underway(self) -> QuerySet[G]:
        rows = self.model._default_manager.select_related(*self.needs)
        return rows.filter(state=Generated.State.QUEUED)

    def present(self, pk: int, attempt: int) -> G | None:
        """The answer, while that attempt at it is the present one."""
        return self.underway().filter(pk=pk, attempt=attempt).first()

    def held(self, one: G) -> G | None:
        """The same of the attempt that `one` is at, locked."""
        self.lock(one.pk)
        return self.present(one.pk, one.attempt)

    def give_up(self, one: G, fault: Fault) -> bool:
        """No attempt is left. False if this one is not the present one any more. Called with
        nothing locked, so that the broker may be asked first."""
        raise NotImplementedError

    def unsent(self, one: G) -> None:
        """The broker took nothing. The watchdog finds it and sends it again."""

    def ended(self, one: G, fault: Fault | None) -> None:
        """The present attempt has ended, and nothing is locked."""

    def late(self, pk: int, result: GenerateResult) -> None:
        """A result of an attempt that was not the present one."""

    def abandoned(self, one: G) -> bool:
        """Whether nobody waits for it any more, so that it was ended."""
        return False
