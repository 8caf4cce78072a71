"""One cell of the matrix: voters vote, something fails meanwhile, then everything is counted."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from random import Random

from tests.live.site import ROOT, Site, until

from . import again
from .arenas import Arena
from .parts import CLOCKS, Fault
from .striking import strike, strike_at_votes
from .voters import Crowd, Place, Seen

SOON_S = 60.0  # after the fault's end everything works again
VOID_SHARE = 0.05
RIPE = (0.2, 0.5)  # the share of battles that are over when the fault begins
UNDERWAY = """SELECT count(*) FROM arena_answer a JOIN arena_turn t ON t.id = a.turn_id
              JOIN arena_battle b ON b.id = t.battle_id
              WHERE a.state IN ('WAITING', 'QUEUED') AND b.state = 'OPEN'"""
VOTES = """SELECT b.public_id, v.verdict FROM arena_vote v
           JOIN arena_battle b ON b.id = v.battle_id"""


@dataclass(frozen=True)
class Cell:
    fault: str
    battles: int
    votes: int  # confirmed to their voters
    lost: int  # of these
    changed: int  # stored with another verdict
    unasked: int  # stored, though nobody cast them
    void: int
    stuck: int  # voters who waited in vain, and answers still under way after a minute
    wrong_tallies: int
    recovery_s: float  # from the fault's end to the next vote of a voter who came after it
    files_s: float | None = (
        None  # to an export, an import and a leaderboard, after faults of Valkey and clocks
    )
    ended_s: float | None = None  # from the fault's beginning, of a process that hung
    replaced_s: float | None = None  # by another at work

    @property
    def is_whole(self) -> bool:
        wrong = self.lost + self.changed + self.unasked + self.wrong_tallies
        return not wrong and not self.stuck

    @property
    def holds(self) -> bool:
        is_void = self.void > VOID_SHARE * self.battles
        is_soon = max(self.recovery_s, self.files_s or 0.0) <= SOON_S
        return self.is_whole and not is_void and is_soon

    def as_data(self) -> dict[str, object]:
        return asdict(self) | {"holds": self.holds}


def run(arena: Arena, fault: Fault, *, battles: int, at_once: int, seed: int) -> Cell:
    random = Random(f"{seed} {fault.name}")
    site = arena.site
    before = stored(site)
    patience_s = fault.seconds + 2 * SOON_S
    if fault.how == "vote":
        strikes = strike_at_votes(site, fault, random)
        with Crowd(site, battles, at_once, random, patience_s, before_vote=strikes) as crowd:
            pass
        return counted(site, fault, crowd.seen, before, back_in(site, random, crowd.seen))
    with Crowd(site, battles, at_once, random, patience_s) as crowd:
        if not battles:  # idle, but with a vote to export
            back_in(site, random, crowd.seen)
        ripe = random.uniform(*RIPE)
        until(lambda: crowd.share >= ripe or not battles, "the fault's turn")
        time.sleep(random.uniform(0.0, 1.0))
        replaced = strike(arena, fault)
        ended = time.monotonic()
        ordered = again.order(site) if fault.part == "valkey" or fault.how in CLOCKS else None
        recovery_s = back_in(site, random, crowd.seen)
        files_s = _files_again(ordered, ended)
    cell = counted(site, fault, crowd.seen, before, recovery_s)
    return replace(cell, files_s=files_s, **asdict(replaced))


def _files_again(ordered: again.Ordered | None, since: float) -> float | None:
    if ordered is None:
        return None
    ordered.wait()
    return round(time.monotonic() - since, 1)


def back_in(site: Place, random: Random, seen: Seen) -> float:
    """Seconds until somebody who comes now has voted."""
    began = time.monotonic()
    with Crowd(site, 1, 1, random, 5 * SOON_S) as late:
        pass
    with seen.lock:
        seen.begun += 1
        seen.votes |= late.seen.votes
        seen.void += late.seen.void
        seen.stuck += late.seen.stuck
    return time.monotonic() - began


def stored(site: Place) -> dict[str, str]:
    return dict(site.rows(VOTES))


def counted(
    site: Site, fault: Fault, seen: Seen, before: dict[str, str], recovery_s: float
) -> Cell:
    votes = {battle: v for battle, v in stored(site).items() if battle not in before}
    cell = Cell(
        fault=fault.name,
        battles=seen.begun,
        votes=len(seen.votes),
        lost=len(seen.votes.keys() - votes.keys()),
        changed=sum(votes.get(battle, v) != v for battle, v in seen.votes.items()),
        unasked=len(votes.keys() - seen.votes.keys()) - seen.stuck,
        void=seen.void,
        stuck=seen.stuck,
        wrong_tallies=wrong_tallies(site),
        recovery_s=round(recovery_s, 1),
    )
    return replace(cell, stuck=cell.stuck + left_underway(site), unasked=max(0, cell.unasked))


def left_underway(site: Place) -> int:
    """Answers of open battles that are still awaited a minute later."""
    end = time.monotonic() + SOON_S
    while (count := int(site.rows(UNDERWAY)[0][0])) and time.monotonic() < end:
        time.sleep(0.5)
    return count


def wrong_tallies(site: Place) -> int:
    command = [sys.executable, str(ROOT / "manage.py"), "check_tallies"]
    environment = site.environment | site.servers
    return int(subprocess.run(command, env=environment, capture_output=True).returncode != 0)
