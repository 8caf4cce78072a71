"""Whom limits apply to: a voter, and the network that the voter comes from."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from ..models import Voter
from .addresses import hashed, prefix_key
from .rules import Scope


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


def voter_key(pk: int) -> str:
    return hashed(f"voter {pk}")
