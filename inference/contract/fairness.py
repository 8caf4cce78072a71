"""Whose answer is next: networks take turns, and in each its voters, so that nobody's thousand
prompts keep another waiting for longer than one answer takes."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

KNOWN = 4096  # clients whose last turn is remembered


def label(network: str, voter: str) -> str:
    """Of a client, as requests carry it; the parts are opaque. Work that nobody waits for has none
    and is one client more."""
    return f"{network}/{voter}" if network or voter else ""


def network_of(client: str) -> str:
    return client.partition("/")[0] + "/"


class Rota:
    """Chooses among those who wait, by who has least running, then by whose turn is longest ago.
    Not thread-safe."""

    def __init__(self) -> None:
        self._turns = 0
        self._last = OrderedDict[str, int]()

    def choose(self, waiting: Sequence[str], running: Iterable[str]) -> int:
        """The index of the next of the clients in `waiting`, which are in order of arrival."""
        busy = Counter[str]()
        for client in running:
            busy.update((network_of(client), client))
        # `min` takes the first of equals: the one that has waited longest.
        return min(range(len(waiting)), key=lambda index: self._rank(waiting[index], busy))

    def took(self, client: str) -> None:
        """Note that the client has been given a slot."""
        self._turns += 1
        for name in (network_of(client), client):
            self._last[name] = self._turns
            self._last.move_to_end(name)
        while len(self._last) > KNOWN:
            self._last.popitem(last=False)

    def _rank(self, client: str, busy: Counter[str]) -> tuple[int, int, int, int]:
        network = network_of(client)
        return (
            busy[network], self._last.get(network, 0), busy[client], self._last.get(client, 0)
        )  # fmt: skip
