"""The desk's rules against each strategy, without a site:

    python -m benchmarks.rigging.lab [--seeds 11 12 13 14 15] [--reasons] [strategy ...]

Votes come in the order of time; every `EVERY` votes the scores are fitted to those that count, and
voters with new votes are weighed, as the site does it. Seeds 1 to 3 are for tuning rules, all
others for reporting.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .boards import Board, Damage
from .desk import Desk
from .honest import Honest
from .strategies import STRATEGIES, Strategy
from .world import Cast, World

EVERY = 200
MODELS, HONEST, TARGET = 12, 500, 4
EARLY = 200  # rigged votes, of which 90% are to be out when the last is cast
SEEDS = (11, 12, 13, 14, 15)


@dataclass
class Outcome:
    """How a strategy fared.

    Attributes:
        caught: share of the first `EARLY` rigged votes that were out when the last was cast; of
            all, if there were fewer.
        until: rigged votes cast by the first look at which some were held.
        voters, honest: share of honest voters held at the end, and of their votes.
    """

    desk: Desk
    damage: Damage
    caught: float = 0.0
    until: int | None = None
    voters: float = 0.0
    honest: float = 0.0


@cache
def crowd(seed: int, honest: int, models: int) -> tuple[World, Sequence[Cast]]:
    """A world, and the votes of its honest voters."""
    world = World.of(models, seed)
    return world, world.history([Honest(number, world) for number in range(honest)])


def play(
    strategy: Strategy | None, seed: int, honest: int = HONEST, models: int = MODELS
) -> Outcome:
    world, votes = crowd(seed, honest, models)
    theirs = World(world.scores, np.random.default_rng([seed, 1]))
    riggers = theirs.history([*strategy(theirs, TARGET)] if strategy else [])
    return watched(sorted([*votes, *riggers], key=lambda vote: vote.at), honest, models)


def watched(votes: Sequence[Cast], honest: int, models: int) -> Outcome:
    desk = Desk(models)
    outcome = Outcome(desk, Damage(TARGET, Board(models), Board(models)))
    rigged: list[Cast] = []
    for start in range(0, len(votes), EVERY):
        some = votes[start : start + EVERY]
        desk.take(some)
        is_early, rigged = len(rigged) < EARLY, [*rigged, *(v for v in some if v.is_rigged)]
        out = sum(vote.voter in desk.held for vote in rigged[:EARLY])
        if out and outcome.until is None:
            outcome.until = len(rigged)
        if rigged and is_early:
            outcome.caught = out / min(len(rigged), EARLY)
        outcome.damage.look(some, desk.board, len(rigged))
    people = [vote for vote in votes if not vote.is_by_rigger]
    out_by_mistake = [vote for vote in people if vote.voter in desk.held]
    outcome.honest = len(out_by_mistake) / len(people)
    outcome.voters = len({vote.voter for vote in out_by_mistake}) / honest
    return outcome


HEAD = (
    "strategy         out, worst   until, last   honest voters, worst   ranks: open, kept, at most"
    "   votes for a rank: open, kept"
)


def line(name: str, found: Sequence[Outcome]) -> str:
    caught, voters = [one.caught for one in found], [one.voters for one in found]
    damages = [one.damage for one in found]
    return (
        f"{name:15} {np.mean(caught):6.1%} {min(caught):6.1%}   {known(one.until for one in found)}"
        f"{np.mean(voters):12.2%} {max(voters):6.2%} {np.mean([one.open for one in damages]):12.1f}"
        f" {np.mean([one.kept for one in damages]):5.1f} {max(one.worst for one in damages):5}"
        f"{known(one.moves for one in damages):>22} {known(one.moves_kept for one in damages)}"
    )


def known(numbers: Iterable[int | None]) -> str:
    """The median and the largest, "-" being never."""
    some = sorted(np.inf if number is None else number for number in numbers)
    both = some[len(some) // 2], some[-1]
    return " ".join("    -" if number == np.inf else f"{number:5.0f}" for number in both)


def reasons(desk: Desk) -> None:
    for name in sorted(desk.held):
        print("   ", name, f"{desk.scores[name].value:.2f}, {len(desk.own[name])} votes")
        for reason in desk.scores[name].reasons[:5]:
            print(f"        {reason.weight:5.2f} {reason.rule}: {reason.words}")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="N")
    asked.add_argument("--reasons", action="store_true")
    asked.add_argument("only", nargs="*")
    said = asked.parse_args()
    strategies = {"nobody": None} | {each.__name__: each for each in STRATEGIES}
    print(HEAD)
    for name in said.only or strategies:
        found = [play(strategies[name], seed) for seed in said.seeds]
        print(line(name, found), flush=True)
        for one in found if said.reasons else []:
            reasons(one.desk)


if __name__ == "__main__":
    main()
