"""The places in the queues: the answers under way that somebody waits for, and in which order
workers take them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from inference.contract.fairness import Rota

from ..limiting import clients
from ..models import Answer, Reply, Revision
from ..models.generated import Generated

NEEDS = ("backend", "weights", "key_variable")  # what says which service an answer needs
# None: of a member of staff.
VOTERS: dict[type[Answer | Reply], str] = {
    Answer: "turn__battle__voter",
    Reply: "turn__chat__voter",
}


@dataclass(frozen=True, order=True)
class Place:
    """Of one answer."""

    dispatched: datetime
    stream: str
    service: str
    client: str


def taken(only: Q | None = None) -> list[Place]:
    """In order of arrival. Raises RedisError."""
    underway = Q(state=Generated.State.QUEUED) & (only or Q())
    rows = [
        (dispatched, str(stream), Revision(**dict(zip(NEEDS, needs, strict=True))).service, voter)
        for kind, path in VOTERS.items()
        for dispatched, stream, voter, *needs in kind.objects.filter(underway)
        .order_by()
        .values_list("dispatched", "stream", path, *(f"revision__{name}" for name in NEEDS))
    ]
    labels = clients.labels_of({voter for *_, voter in rows if voter is not None})
    return sorted(
        Place(at, stream, service, labels.get(voter, "")) for at, stream, service, voter in rows
    )


def ahead(stream: str, queue: Sequence[Place], slots: int) -> int:
    """How many answers of one service have to end before that of `stream` begins: the first to
    arrive are running, and clients take turns with the others."""
    running, waiting = deque(queue[:slots]), list(queue[slots:])
    rota, ended = Rota(), 0
    for place in running:
        rota.took(place.client)
    while running and any(place.stream == stream for place in waiting):
        running.popleft()
        ended += 1
        following = [place.client for place in waiting]
        chosen = waiting.pop(rota.choose(following, [place.client for place in running]))
        rota.took(chosen.client)
        running.append(chosen)
    return ended
