"""`make bench-rigging`: the desk of a running site against each strategy.

    python -m benchmarks.rigging.site [--honest 500] [--models 8] [--seed 21] [strategy ...]

Starts an arena with PostgreSQL, Valkey, web, core and background processes of its own, and a
prepared campaign. Honest voters and the browsers of a strategy vote through its pages and forms, in
the order of simulated time (`stage` says how), and the desk weighs them as they come. What was
voted before the attack is the same for each strategy: it is cast once, and each strategy begins
with a copy of that database. One JSON line for each says what the desk did.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import numpy as np
from django.core.management import call_command
from django.db import connection

from benchmarks.figures import describe_machine
from benchmarks.servers import own_servers
from tests.live.site import until

from .boards import Board, Damage
from .browsers import Browser, Line, line_to
from .honest import Honest
from .lab import EARLY, TARGET
from .running import copied, site
from .stage import SLUG, prepare
from .strategies import BEGIN, STRATEGIES, Strategy
from .world import SECONDS, Cast, Voter, World

DAYS = 4.0  # in which honest voters come; the attack begins after `BEGIN`
DURING = 0.4 * SECONDS  # of the attack, in which they go on
EVERY, THREADS = 100, 4  # battles between two looks; requests at once
PATIENCE_S, LOOK_S = 900.0, 0.5
PENDING = """
    SELECT battle.public_id FROM arena_vote vote JOIN arena_battle battle
        ON battle.id = vote.battle_id
    WHERE vote.standing = 'PENDING'
"""
TALLIES = """
    SELECT split_part(a.slug, '-', 2)::int, split_part(b.slug, '-', 2)::int,
        first_wins, second_wins, ties, both_bad
    FROM arena_tally tally
    JOIN arena_contestant a ON a.id = tally.first_id
    JOIN arena_contestant b ON b.id = tally.second_id
    JOIN arena_campaign campaign ON campaign.id = tally.campaign_id
    WHERE campaign.slug = %s AND tally.slice = 'overall'
"""
READ = """
    SELECT coalesce(max(vote), 0) >= (SELECT coalesce(max(id), 0) FROM arena_vote)
    FROM arena_deskplace
"""


AGO = 25 * SECONDS  # where simulated time begins, so that it ends before now
BY_TIME = attrgetter("at")


@dataclass(frozen=True)
class Battle:
    """One that a voter will begin."""

    at: float
    voter: Voter


@dataclass
class Arena:
    """A running site, with the browsers of all voters so far."""

    line: Line
    models: int
    epoch: float  # what the world's times count from
    browsers: dict[str, Browser] = field(default_factory=dict)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))

    @property
    def votes(self) -> dict[str, Cast]:
        """By the battle's public id, in the order of time."""
        found = {key: vote for each in self.browsers.values() for key, vote in each.votes.items()}
        return dict(sorted(found.items(), key=lambda item: item[1].at))

    def play(self, battles: Sequence[Battle]) -> None:
        """Each voter one battle after the other, several voters at once; until the desk has read
        all votes."""
        by_voter = groupby(sorted(battles, key=lambda b: b.voter.name), key=attrgetter("voter"))
        turns = [(self.browser(voter), [battle.at for battle in own]) for voter, own in by_voter]
        for _ in self.threads.map(self._play_one, turns):
            pass
        until(self._is_read, "the desk", PATIENCE_S)

    def _is_read(self) -> bool:
        """Whether the desk has looked at all votes. Asked seldom: it shares the cores."""
        time.sleep(LOOK_S)
        return all(row[0] for row in self.line.rows(READ))

    def _play_one(self, turn: tuple[Browser, list[float]]) -> None:
        browser, times = turn
        for at in times:
            browser.battle(at, self.epoch)

    def browser(self, voter: Voter) -> Browser:
        if voter.name not in self.browsers:
            self.browsers[voter.name] = Browser(voter, self.line)
        return self.browsers[voter.name]

    def moved(self, line: Line) -> Arena:
        """The same browsers before a copy of the site."""
        browsers = {
            name: Browser(each.voter, line, {**each.cookies}, {**each.votes})
            for name, each in self.browsers.items()
        }
        return Arena(line, self.models, self.epoch, browsers)

    def pending(self) -> set[str]:
        return {row[0] for row in self.line.rows(PENDING)}

    def board(self) -> Board:
        """As the site counts."""
        found = Board(self.models)
        for first, second, *counts in self.line.rows(TALLIES, SLUG):
            turned = [counts[1], counts[0], *counts[2:]] if first > second else counts
            found.counts[min(first, second), max(first, second)] += turned
        return found


@dataclass
class Result:
    """See `lab.Outcome`."""

    damage: Damage
    caught: float = 0.0
    until: int | None = None
    voters: float = 0.0

    @property
    def holds(self) -> bool:
        return self.caught >= 0.9 and self.voters <= 0.02 and self.damage.kept <= 1


def attack(arena: Arena, battles: Sequence[Battle], honest: int) -> Result:
    """Play the battles, with a look at the desk every now and then."""
    result = Result(Damage(TARGET, Board(arena.models), Board(arena.models)))
    seen, rigged, out = set[str](), 0, set[str]()
    for start in range(0, len(battles), EVERY):
        arena.play(battles[start : start + EVERY])
        votes, out = arena.votes, arena.pending()
        early = [key for key, vote in votes.items() if vote.is_rigged][:EARLY]
        caught = sum(key in out for key in early)
        if caught and result.until is None:
            result.until = len(early)
        if early and rigged < EARLY:
            result.caught, rigged = caught / len(early), len(early)
        some = [vote for key, vote in votes.items() if key not in seen]
        seen |= votes.keys()
        cast = sum(vote.is_rigged for vote in votes.values())
        counted = arena.board()
        check(counted, (vote for key, vote in votes.items() if key not in out), arena.models)
        result.damage.look(some, counted, cast)
        if cast >= EARLY:
            break
    held = {vote.voter for key, vote in arena.votes.items() if key in out}
    result.voters = sum(name.startswith("honest") for name in held) / honest
    return result


def check(counted: Board, votes: Iterable[Cast], models: int) -> None:
    """The site counts just the votes that are not held."""
    ours = Board(models)
    ours.add(votes)
    if not np.array_equal(ours.counts, counted.counts):
        raise AssertionError("the site's tallies are not those of the votes that count")


def battles_of(voters: Iterable[Voter]) -> list[Battle]:
    found = [Battle(float(at), voter) for voter in voters for at in voter.times()]
    return sorted(found, key=BY_TIME)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--honest", type=int, default=500)
    asked.add_argument("--models", type=int, default=8)
    asked.add_argument("--seed", type=int, default=21)
    asked.add_argument("only", nargs="*")
    with own_servers():
        measure(asked.parse_args())


def measure(said: argparse.Namespace) -> None:
    call_command("prepare", without_starters=True, stdout=io.StringIO())
    prepare(said.models)
    connection.close()
    database = os.environ["DATABASE_URL"]
    strategies = {each.__name__: each for each in STRATEGIES}
    world = World.of(said.models, said.seed)
    honest = battles_of(people(world, said.honest))
    before = [battle for battle in honest if battle.at < BEGIN]
    during = [battle for battle in honest if BEGIN <= battle.at < BEGIN + DURING]
    begun = begin(database, before, said.models)
    describe_machine()
    for name in said.only or strategies:
        began = time.monotonic()
        battles = sorted([*during, *rigged(strategies[name], world, said.seed)], key=BY_TIME)
        with copied(database, name) as copy, site(copy) as url, line_to(url, copy) as line:
            arena = begun.moved(line)
            result = attack(arena, battles, said.honest)
        report(name, result, votes=len(arena.votes), seconds=time.monotonic() - began)


def begin(database: str, battles: Sequence[Battle], models: int) -> Arena:
    """Everything that is voted before the attack."""
    with site(database) as url, line_to(url, database) as line:
        arena = Arena(line, models, time.time() - AGO)
        for start in range(0, len(battles), 5 * EVERY):
            arena.play(battles[start : start + 5 * EVERY])
        return arena


def people(world: World, number: int) -> list[Honest]:
    """Less busy than in the lab, as each of their votes costs two requests."""
    busy = np.minimum(1 + world.rng.lognormal(1.5, 1.0, number), 100).astype(int)
    return [Honest(n, world, days=DAYS, votes=int(votes)) for n, votes in enumerate(busy)]


def rigged(strategy: Strategy, world: World, seed: int) -> list[Battle]:
    """The battles of its browsers, none before the attack begins."""
    found = battles_of(strategy(World(world.scores, np.random.default_rng([seed, 1])), TARGET))
    late = max(0.0, BEGIN - found[0].at)
    return [Battle(battle.at + late, battle.voter) for battle in found]


def report(name: str, result: Result, **more: float) -> None:
    damage = result.damage
    line = {
        "strategy": name, "holds": result.holds, "out": result.caught, "until": result.until,
        "honest_voters_held": result.voters, "ranks_without_desk": damage.open,
        "ranks": damage.kept, "ranks_at_most": damage.worst,
        "votes_for_a_rank_without_desk": damage.moves, "votes_for_a_rank": damage.moves_kept,
    }  # fmt: skip
    print(json.dumps(line | {key: round(number) for key, number in more.items()}), flush=True)


if __name__ == "__main__":
    main()
