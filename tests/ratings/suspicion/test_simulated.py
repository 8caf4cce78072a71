"""Simulated voters before the rules (`benchmarks.rigging`): the honest are left alone, riggers are
found. `python -m benchmarks.rigging.lab` does the same vote by vote, with fitted scores."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.rigging.desk import record
from benchmarks.rigging.honest import Honest
from benchmarks.rigging.lab import play
from benchmarks.rigging.strategies import Strategy, always, deanonymise, robot, sleeper
from benchmarks.rigging.world import Cast, World
from ratings.core.suspicion.record import Field
from ratings.core.suspicion.scoring import HOLD, score
from ratings.core.suspicion.texts import keys_of

MODELS = 12


def held_at(votes: list[Cast], world: World, after: list[int]) -> int | None:
    """After how many votes a voter's were held, looking after so many of them."""
    names = [f"Model {number}" for number in range(MODELS)]
    field = Field(world.scores, world.tie, np.full(MODELS, 2 / MODELS), names)
    keys = [() if vote.is_suggested else keys_of(vote.prompt) for vote in votes]
    found = (number for number in after if number <= len(votes))
    return next((n for n in found if score(record(votes[:n], keys[:n]), field).reaches(HOLD)), None)


def test_at_most_2_percent_of_the_votes_of_500_honest_voters_are_held() -> None:
    world = World.of(MODELS, seed=11)
    voters = [Honest(number, world) for number in range(500)]
    assert sum(voter.is_fan for voter in voters) > 30
    total = held = 0
    for voter in voters:
        votes = world.history([voter])
        total += len(votes)
        if votes and held_at(votes, world, [12, len(votes)]) is not None:
            held += len(votes)
    assert held / total <= 0.02


@pytest.mark.parametrize(
    ("strategy", "within"), [(always, 150), (deanonymise, 20), (robot, 10), (sleeper, 60)]
)
def test_a_rigger_is_found_within_so_many_rigged_votes(strategy: Strategy, within: int) -> None:
    world = World.of(MODELS, seed=13)
    votes = world.history(strategy(world, 4)[:1])
    rigged = np.cumsum([vote.is_rigged for vote in votes])
    needed = int(np.searchsorted(rigged, within)) + 1
    assert held_at(votes, world, [needed]) is not None


def test_the_lab_counts_what_is_out_within_200_rigged_votes() -> None:
    found = play(robot, seed=0, honest=40)
    assert found.caught >= 0.9
    assert found.honest <= 0.02
    assert found.until is not None
