"""A flood of prompts and honest volunteers, in simulated time: who finds a place in the queue, and
when both answers of a battle begin. The arena at work is `make bench-flood`."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from arena.matchmaking.fair_share import Queues
from inference.contract.fairness import TURN, Rota, label

LONGEST = 1.0  # of an answer; all times in it
SERVICE = "weights"  # of both contestants


class Arena:
    """One service with a queue."""

    def __init__(self, slots: int, seed: int) -> None:
        self.slots, self.chance = slots, random.Random(seed)
        self.now, self.rota = 0.0, Rota()
        self.waiting: list[str] = []
        self.running: list[tuple[float, str]] = []  # when it ends, and whose it is
        self.begun = defaultdict[str, list[float]](list)

    def takes(self, client: str) -> bool:
        """Begin a battle, if there is a place for it."""
        taken = [*self.waiting, *(whose for _, whose in self.running)]
        queues = Queues(client, {SERVICE: taken})
        if queues.is_full(SERVICE, self.slots) or queues.is_used_up(SERVICE, self.slots):
            return False
        self.waiting += [client] * TURN
        self._admit()
        return True

    def wait(self, until: float) -> None:
        while self.running and (ending := min(self.running))[0] <= until:
            self.running.remove(ending)
            self.now = ending[0]
            self._admit()
        self.now = until

    def _admit(self) -> None:
        while self.waiting and len(self.running) < self.slots:
            at_work = [whose for _, whose in self.running]
            client = self.waiting.pop(self.rota.choose(self.waiting, at_work))
            self.rota.took(client)
            self.begun[client].append(self.now)
            self.running.append((self.now + self.chance.uniform(0.3, LONGEST), client))


@pytest.mark.parametrize(("slots", "networks"), [(1, 1), (2, 1), (2, 3), (8, 1), (8, 10)])
def test_volunteers_wait_for_one_answer_more_however_many_prompts_come(
    slots: int, networks: int
) -> None:
    arena, refused, late = Arena(slots, seed=16), 0, list[float]()
    for volunteer in range(40):
        for _ in range(100):
            arena.wait(arena.now + arena.chance.uniform(0, LONGEST / 10))
            who = arena.chance.randrange(40 * networks)
            refused += not arena.takes(label(f"flood-{who % networks}", f"cookie-{who}"))
        client, came = label(f"home-{volunteer}", "v"), arena.now
        assert arena.takes(client), volunteer
        arena.wait(came + 3 * LONGEST)
        first, second = arena.begun[client]
        alone = LONGEST if slots == 1 else 0.0  # for the other answer of the same battle
        assert second - came <= LONGEST + alone, volunteer
        late.append(first - came)
    assert refused > 2_000
    assert max(late) > 0  # they did meet a flood
