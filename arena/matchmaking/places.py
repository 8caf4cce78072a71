"""The places in the queues: the answers under way that somebody waits for, and in which order
workers take them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inference.contract.fairness import TURN, Rota

from ..limiting import clients
from ..models import Answer, Reply, Revision
from ..models.generated import Generated

FAR = 40  # so that many sockets that wait cost no more than a few
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


def taken() -> list[Place]:
    """In order of arrival. Raises RedisError."""
    rows = [
        (dispatched, str(stream), Revision(**dict(zip(NEEDS, needs, strict=True))).service, voter)
        for kind, path in VOTERS.items()
        for dispatched, stream, voter, *needs in kind.objects.filter(state=Generated.State.QUEUED)
        .order_by()
        .values_list("dispatched", "stream", path, *(f"revision__{name}" for name in NEEDS))
    ]
    labels = clients.labels_of({voter for *_, voter in rows if voter is not None})
    return sorted(
        Place(at, stream, service, labels.get(voter, "")) for at, stream, service, voter in rows
    )


def by_service() -> dict[str, list[Place]]:
    """The same, each queue on its own."""
    queues = defaultdict[str, list[Place]](list)
    for place in taken():
        queues[place.service].append(place)
    return queues


def ahead(queue: Sequence[Place], slots: int) -> dict[str, int]:
    """How many answers of one service have to end before that of each stream that waits begins: the
    first to arrive are running, and clients take turns with the others. Those of more than `FAR`
    places are told by arrival alone."""
    running, waiting = deque(queue[:slots]), list(queue[slots:])
    rota, found = Rota(), dict[str, int]()
    for place in running * TURN:  # most likely it is not their first
        rota.took(place.client)
    while running and waiting and len(found) < FAR:
        running.popleft()
        following = [place.client for place in waiting]
        chosen = waiting.pop(rota.choose(following, [place.client for place in running]))
        rota.took(chosen.client)
        running.append(chosen)
        found[chosen.stream] = len(found) + 1
    return found | {place.stream: len(found) + n for n, place in enumerate(waiting, 1)}
