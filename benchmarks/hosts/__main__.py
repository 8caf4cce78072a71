"""`make bench-hosts`: an arena of ten hosts, which are network namespaces of this machine with
clocks up to four minutes apart, while hosts lose their power, are added and are drained in
mid-battle.

One JSON line for each. Goals: no vote lost, changed or made up, no tally wrong, nobody stuck for a
minute, at most 5% void; within a minute a vote, a board of all votes, and no connection of a host
that is gone, as these hold locks.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from benchmarks.faults.cells import (
    SOON_S,
    VOID_SHARE,
    back_in,
    left_underway,
    stored,
    wrong_tallies,
)
from benchmarks.faults.voters import Crowd, Seen
from benchmarks.figures import describe_machine
from tests.live.site import until

from .arena import SPARE, Arena
from .network import NotAloneError, switch_on

RIPE = 0.3  # the share of battles that are over when something happens
PATIENCE_S = 180.0
BEHIND = """SELECT (SELECT max(id) FROM arena_vote)
            > (SELECT max(last_vote_id) FROM ratings_snapshot)"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s"
Deed = Callable[[Arena], None]


def nothing(arena: Arena) -> None:
    """All hosts are as they were."""


def dies(name: str) -> Deed:
    return lambda arena: arena.hosts[name].die()


def drained(name: str) -> Deed:
    return lambda arena: arena.hosts[name].drain()


def joins(name: str) -> Deed:
    return lambda arena: arena.join(name)


EVENTS: dict[str, Deed] = {
    "nothing happens": nothing,
    f"{SPARE} joins": joins(SPARE),  # with the weights of worker1
    # worker2 is the only one with its weights: battles that show words of them are void.
    **{f"{name} dies": dies(name) for name in ("worker1", "worker2", "web1", "core1", "ratings")},
    **{f"{name} is drained": drained(name) for name in ("worker1", "web2", "core2", "ratings")},
}


@dataclass(frozen=True)
class Outcome:
    """What became of the battles; see `benchmarks.faults.cells.Cell`."""

    event: str
    battles: int
    votes: int
    lost: int
    changed: int
    unasked: int
    void: int
    stuck: int
    wrong_tallies: int
    vote_s: float  # from the event to the next vote of a voter who came after it
    let_go_s: float  # from there until PostgreSQL has no connection of a host that is gone
    board_s: float  # from the last vote to a board that knows of it, once all hosts are back

    @property
    def holds(self) -> bool:
        wrong = self.lost + self.changed + self.unasked + self.stuck + self.wrong_tallies
        is_soon = max(self.vote_s, self.let_go_s, self.board_s) <= SOON_S
        return not wrong and self.void <= VOID_SHARE * self.battles and is_soon


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hosts", description=__doc__)
    parser.add_argument("only", nargs="*", help="such as 'web1 dies'")
    parser.add_argument("--battles", type=int, default=20, help="per event")
    parser.add_argument("--at-once", type=int, default=4, help="voters")
    asked = parser.parse_args()
    try:
        switch_on()
    except NotAloneError as error:
        sys.exit(f"✗ {error}")
    with arena() as there:
        for name in asked.only or EVENTS:
            outcome = played(there, name, asked.battles, asked.at_once)
            print(json.dumps(asdict(outcome) | {"holds": outcome.holds}), flush=True)
    describe_machine()


@contextmanager
def arena() -> Iterator[Arena]:
    folder = Path(tempfile.mkdtemp(prefix="evenhand-hosts-"))
    folder.chmod(0o755)  # PostgreSQL's account goes through it
    there = Arena(folder)
    try:
        there.begin()
        with there.balancer:
            back_in(there, Random(1), Seen())  # models have been loaded
            yield there
    finally:
        there.end()
        shutil.rmtree(folder, ignore_errors=True)


def played(arena: Arena, event: str, battles: int, at_once: int) -> Outcome:
    random, before = Random(event), stored(arena)
    with Crowd(arena, battles, at_once, random, PATIENCE_S) as crowd:
        until(lambda: crowd.share >= RIPE, "a part of the battles", 2 * PATIENCE_S)
        EVENTS[event](arena)
        vote_s = back_in(arena, random, crowd.seen)
        gone = [host for host in arena.hosts.values() if host.has_gone]
        let_go_s = max((_let_go(arena, host.address) for host in gone), default=0.0)
    arena.join(*(host.name for host in gone))
    board_s, seen = _seconds_until(lambda: not arena.rows(BEHIND)[0][0]), crowd.seen
    votes = {battle: verdict for battle, verdict in stored(arena).items() if battle not in before}
    return Outcome(
        event=event,
        battles=seen.begun,
        votes=len(seen.votes),
        lost=len(seen.votes.keys() - votes.keys()),
        changed=sum(votes.get(battle, v) != v for battle, v in seen.votes.items()),
        unasked=max(0, len(votes.keys() - seen.votes.keys()) - seen.stuck),
        void=seen.void,
        stuck=seen.stuck + left_underway(arena),
        wrong_tallies=wrong_tallies(arena),
        vote_s=round(vote_s, 1),
        let_go_s=round(let_go_s, 1),
        board_s=round(board_s, 1),
    )


def _let_go(arena: Arena, address: str) -> float:
    """Seconds until PostgreSQL has no connection from there."""
    return _seconds_until(lambda: not arena.rows(CONNECTIONS, address)[0][0])


def _seconds_until(condition: Callable[[], bool]) -> float:
    """Or until patience has ended."""
    began = time.monotonic()
    while not condition() and time.monotonic() - began < PATIENCE_S:
        time.sleep(0.1)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
