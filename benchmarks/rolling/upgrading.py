"""One rolling upgrade, and what became of the battles meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.faults.cells import left_underway, stored, wrong_tallies
from benchmarks.faults.voters import VERDICTS
from tests.live.proxy import Proxy
from tests.live.site import Site, until

from .older import older
from .reading import PATIENCE_S, Seen, play


@dataclass(frozen=True)
class Outcome:
    battles: int
    votes: int  # confirmed to their voters
    lost: int  # of these
    changed: int  # stored with another verdict
    unasked: int  # stored, though nobody cast them
    void: int  # or without an end
    torn: int  # showed a word twice, or not at all, or took one away
    left: int  # answers under way in the end
    wrong_tallies: int
    moved: int  # connections that ended and were found again
    moved_s: float  # the longest time that took

    @property
    def holds(self) -> bool:
        wrong = self.lost + self.changed + self.unasked + self.void + self.torn
        return self.votes == self.battles and not wrong + self.left + self.wrong_tallies


def upgrade(site: Site, code: Path, var: Path, *, battles: int, at_once: int, seed: int) -> Outcome:
    """Play `battles` beside processes of the older `code`, which are told to stop when a third of
    the battles is over and others are read."""
    random, seen, before = Random(seed), Seen(), stored(site)
    with ExitStack() as stack:
        beside = stack.enter_context(older(site, code, var))
        old = stack.enter_context(Proxy(beside.port, site.port)).url
        new = stack.enter_context(Proxy(site.port, beside.port)).url
        pool = stack.enter_context(ThreadPoolExecutor(at_once))
        played = [
            pool.submit(play, *((old, new) if n % 2 else (new, old)), random.choice(VERDICTS), seen)
            for n in range(battles)
        ]
        ripe = battles // 3

        def is_ripe() -> bool:
            for each in played:
                if each.done():
                    each.result()  # raises what ended it
            return seen.over >= ripe and seen.is_read_at(old)

        until(is_ripe, "a third of them", PATIENCE_S)
        beside.stop()
        for each in played:
            each.result()
    return _counted(site, seen, before)


def _counted(site: Site, seen: Seen, before: dict[str, str]) -> Outcome:
    votes = {battle: verdict for battle, verdict in stored(site).items() if battle not in before}
    return Outcome(
        battles=seen.over,
        votes=len(seen.votes),
        lost=len(seen.votes.keys() - votes.keys()),
        changed=sum(votes.get(battle, v) != v for battle, v in seen.votes.items()),
        unasked=len(votes.keys() - seen.votes.keys()),
        void=seen.void,
        torn=seen.torn,
        left=left_underway(site),
        wrong_tallies=wrong_tallies(site),
        moved=len(seen.moved_s),
        moved_s=round(max(seen.moved_s, default=0.0), 2),
    )
