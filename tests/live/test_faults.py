"""A small, seeded part of `make bench-faults`: what dies while votes are on their way."""

from __future__ import annotations

import signal

import httpx
import pytest

from benchmarks.faults.arenas import Arena
from benchmarks.faults.cells import run
from benchmarks.faults.parts import Fault, pids, signal_all

from .hosted import Paced, in_place_of_all
from .site import Site

WORDS = Paced.of(["It ", "is ", "so."], 0.02)


@pytest.mark.parametrize("part", ["web", "postgres"])
def test_votes_survive_the_death_of_whatever_carries_them(part: str, site: Site) -> None:
    with in_place_of_all(site, one=WORDS, other=WORDS):
        cell = run(Arena(site), Fault(part, "vote"), battles=6, at_once=3, seed=1)
    assert (cell.votes + cell.void, cell.is_whole) == (7, True), (
        cell
    )  # with the one that came after


def test_status_says_that_the_database_hangs(site: Site) -> None:
    """Nothing that this page needs waits for it."""
    frozen = pids(site, "postgres")
    signal_all(frozen, signal.SIGSTOP)
    try:
        page = httpx.get(f"{site.url}/status/", timeout=60)
    finally:
        signal_all(frozen, signal.SIGCONT)
    assert (page.status_code, "The database does not answer." in page.text) == (200, True)
