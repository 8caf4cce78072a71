"""Honest fans of a new model, who come at its launch (`benchmarks.rigging.launch`)."""

from __future__ import annotations

import pytest

from benchmarks.rigging.launch import FANS, play

# Fans who leave most other pairs are held more often (docs/integrity.md).
MOST = {"fans": 0.02, "choosy": 0.1}


@pytest.mark.parametrize("crowd", MOST)
def test_of_honest_fans_at_a_launch_hardly_any_are_held(crowd: str) -> None:
    found, desk = play(crowd, seed=3, honest=150, every=100_000)
    assert sum(name.startswith("fan-") for name in desk.own) > 0.9 * FANS
    assert found.votes > 5
    assert found.fans <= MOST[crowd]
    assert (found.others, found.pushes) == (0.0, 0)
