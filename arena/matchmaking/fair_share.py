"""A client's share of the places in a queue: whoever fills it leaves room for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext
from redis.exceptions import LockError

from inference.contract.fairness import TURN, network_of
from inference.contract.presence import live_workers

from .. import broker
from ..errors import Code, Refused
from ..limiting import clients
from ..models import Revision, Voter
from . import places
from .waiting import MOST_WAITING, slots_of, takes_more

RETRY_S = 10
UNKNOWN = network_of("/voter")
CLAIMED_S, LOOK_S = 5.0, 0.02  # how long a claim is kept, and between two looks at it


@dataclass(frozen=True)
class Queues:
    """All queues, as one client finds them."""

    client: str
    taken: Mapping[str, list[str]]  # whose the answers under way are, by service

    @classmethod
    def seen_by(cls, voter: Voter | None) -> Self:
        """Raises RedisError."""
        queues = places.by_service()
        taken = {service: [place.client for place in each] for service, each in queues.items()}
        return cls(clients.label_of(voter.pk if voter else None), taken)

    def is_full(self, service: str, slots: int) -> bool:
        """Whether even a network that has nothing there finds no place. Of each network, no more
        counts than one turn, so it takes many of them to fill a queue, and no flood does."""
        present = Counter(_party(each) for each in self.taken.get(service, ()))
        return not takes_more(sum(min(n, TURN) for n in present.values()), slots)

    def is_used_up(self, service: str, slots: int) -> bool:
        """Whether the client has all that is fair: a voter half of the share, which is all places
        but the last, one for each slot; a network, once the share is taken, an equal part of it."""
        taken, share = self.taken.get(service, []), slots * MOST_WAITING
        if taken.count(self.client) >= max(1, share // 2):
            return True
        present, own = Counter(map(_party, taken)), _party(self.client)
        part = max(TURN, share // max(1, len(present)))
        return len(taken) >= share and present[own] >= part


@contextmanager
def claimed(voter: Voter | None, revisions: Iterable[Revision]) -> Iterator[None]:
    """For storing answers of these: meanwhile nobody else of the same network can, so that of many
    prompts at the same moment, no more pass than one after the other. Raises Refused if the voter
    has no share left in one of their queues. The lock is the broker's, and expires, as no lock of
    the database may be held while the broker is asked."""
    if voter is None:  # of staff
        yield
        return
    own = _party(clients.label_of(voter.pk))
    lock = broker.connection().lock(
        f"limits:sharing:{own}", timeout=CLAIMED_S, blocking_timeout=CLAIMED_S, sleep=LOOK_S
    )
    if not lock.acquire():
        raise refused()
    try:
        _check(voter, revisions)
        yield
    finally:
        with suppress(LockError), broker.spared("a queue's place is claimed for some seconds more"):
            lock.release()


def _check(voter: Voter, revisions: Iterable[Revision]) -> None:
    queues, slots = Queues.seen_by(voter), slots_of(live_workers(broker.connection()))
    services = {revision.service for revision in revisions}
    if any(queues.is_used_up(each, slots.get(each, 0)) for each in services):
        raise refused()


def refused() -> Refused:
    return Refused(
        gettext(
            "You, or others in your network, already have as many answers under way as leaves room "
            "for everybody else. Your prompt is kept; send it again when one of them has ended."
        ),
        code=Code.LIMIT,
        status=429,
        retry_s=RETRY_S,
    )


def _party(client: str) -> str:
    """Who shares with the others: a network. If it is unknown, the client."""
    network = network_of(client)
    return client if network == UNKNOWN else network
