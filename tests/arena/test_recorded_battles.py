"""The battles of `make bench-blind`: the site's consumer in simulated time, recorded."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.blind.battles import drawn
from benchmarks.blind.facts import mirrored, numbers, shown
from benchmarks.blind.watching import as_it_comes, watched

pytestmark = pytest.mark.slow


def test_record_holds_all_that_a_viewer_gets() -> None:
    """Among four battles are a queue, a reload and a stop."""
    played = [*drawn(range(4), seed=1)]
    records = [watched(one) for one in played]
    ops = {json.loads(said)["op"] for one in records for _, said in one.lines}
    assert ops == {"text", "page", "queue", "beat", "ready", "close"}
    assert any(one.stopped < 1e6 for one in records)
    for record in records:
        assert [*shown(record.lines)][-1].a
        assert numbers(record, record.lines).shape == (251,)


def test_mirror_of_a_mirror_is_the_record() -> None:
    [battle, _] = drawn(range(1), seed=1)
    for record in (watched(battle), as_it_comes(battle)):
        twice = mirrored(mirrored(record.lines))
        assert np.array_equal(numbers(record, twice), numbers(record, record.lines))
