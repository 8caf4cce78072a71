"""Whose answer is next: networks take turns, and in each its voters, so that nobody's thousand
prompts keep another waiting for longer than one answer takes. A battle has two answers, which are
shown together, so a turn is two. Work that no volunteer waits for comes after all of them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

KNOWN = 4096  # clients whose last answers are remembered
TURN = 2  # answers
NEVER = [0] * TURN
CHECKS = "checks/"  # the client of questions whether a prompt is allowed, which volunteers wait for


def label(network: str, voter: str) -> str:
    """Of a client, as requests carry it; the parts are opaque. Work that nobody waits for has none:
    batches, labels, probes, and what staff try."""
    return f"{network}/{voter}" if network or voter else ""


def network_of(client: str) -> str:
    return client.partition("/")[0] + "/"


class Rota:
    """Chooses among those who wait, by who has least running, then by whose last turn began longest
    ago; nobody's work last. Not thread-safe."""

    def __init__(self) -> None:
        self._given = 0  # slots
        self._last = OrderedDict[str, list[int]]()  # of each client, oldest first

    def choose(self, waiting: Sequence[str], running: Iterable[str]) -> int:
        """The index of the next of the clients in `waiting`, which are in order of arrival."""
        busy = Counter[str]()
        for client in running:
            busy.update((network_of(client), client))
        # `min` takes the first of equals: the one that has waited longest.
        return min(range(len(waiting)), key=lambda index: self._rank(waiting[index], busy))

    def took(self, client: str) -> None:
        """Note that the client has been given a slot."""
        self._given += 1
        for name in (network_of(client), client):
            self._last[name] = [*self._last.pop(name, NEVER)[1:], self._given]
        while len(self._last) > KNOWN:
            self._last.popitem(last=False)

    def _rank(self, client: str, busy: Counter[str]) -> tuple[int, ...]:
        names = network_of(client), client
        turns = (n for name in names for n in (busy[name] // TURN, self._began(name)))
        return (not client, *turns)

    def _began(self, name: str) -> int:
        """When the last turn of this client did; in its middle, that of the one before."""
        return self._last.get(name, NEVER)[0]
