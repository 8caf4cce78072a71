"""Who comes from the same network as a voter. The broker knows it for an hour, as a keyed hash of
the address's prefix (`arena.limiting`); nothing of it is stored here."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from arena import broker
from arena.limiting import clients
from arena.models import Suspect
from inference.contract.fairness import network_of

MOST = 200  # others, those who were weighed last


def alike(suspect: Suspect, others: QuerySet[Suspect]) -> list[Mapping[str, float]]:
    """The leanings of those of the others who come from the same network; none if nobody knows."""
    rows = others.order_by("-weighed").values_list("voter", "leanings")[:MOST]
    leanings = dict(rows)
    labels: dict[int, str] = {}
    with broker.spared("who shares a network is unknown"):
        labels = clients.labels_of([suspect.voter_id, *leanings])
    own = _network(labels.get(suspect.voter_id, ""))
    return [
        leaning for voter, leaning in leanings.items() if own and _network(labels[voter]) == own
    ]


def _network(label: str) -> str:
    return network_of(label).rstrip("/")
