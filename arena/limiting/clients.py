"""Whom limits apply to: a voter, and the network that the voter comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from inference.contract.fairness import label, network_of

from .. import broker
from ..models import Voter
from .addresses import hashed, prefix_key
from .rules import Scope

REMEMBERED_S = 3600  # a voter's network: longer than an answer waits


@dataclass(frozen=True)
class Client:
    """Both as keyed hashes; "" for a browser that has no cookie yet, or an unknown address."""

    voter: str
    prefix: str

    def key(self, scope: Scope) -> str:
        """Under which it counts in this scope; "" if it doesn't."""
        return {Scope.VOTER: self.voter, Scope.PREFIX: self.prefix, Scope.ALL: "all"}[scope]


def client_of(request: HttpRequest, voter: Voter | None) -> Client:
    return Client(voter_key(voter.pk) if voter else "", prefix_key(request))


def remember(client: Client) -> None:
    """Which network a voter comes from, for their answers' place in the queue."""
    if client.voter and client.prefix:
        with broker.spared("a voter's network was not noted"):
            broker.connection().set(_network_key(client.voter), client.prefix, ex=REMEMBERED_S)


def labels_of(voters: Iterable[int]) -> dict[int, str]:
    """The clients that these voters are, as requests name them. Raises RedisError."""
    keys = {pk: voter_key(pk) for pk in voters}
    if not keys:
        return {}
    networks: Any = broker.connection().mget([_network_key(key) for key in keys.values()])
    return {
        pk: label((network or b"").decode(), key)
        for (pk, key), network in zip(keys.items(), networks, strict=True)
    }


def client_named(voter: Voter) -> Client:
    """The client of a voter whose request is not at hand. Raises RedisError."""
    network = network_of(label_of(voter.pk)).rstrip("/")
    return Client(voter_key(voter.pk), network)


def label_of(voter: int | None) -> str:
    """Of the client whom an answer is for; "" for nobody."""
    return "" if voter is None else labels_of([voter])[voter]


def _network_key(voter: str) -> str:
    return f"limits:network:{voter}"


def voter_key(pk: int) -> str:
    return hashed(f"voter {pk}")
