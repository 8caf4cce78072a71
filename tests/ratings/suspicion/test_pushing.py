"""Many who push one model together, each with few votes, among simulated voters
(`benchmarks.rigging`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from benchmarks.rigging.boards import Board
from benchmarks.rigging.desk import crowd_of
from benchmarks.rigging.honest import Honest
from benchmarks.rigging.lab import HONEST, MODELS, TARGET, crowd
from benchmarks.rigging.strategies import BEGIN, Plan, Rigger, Strategy, relay, swarm
from benchmarks.rigging.world import SECONDS, Cast, Voter, World
from ratings.core.suspicion.fitting import fitted
from ratings.core.suspicion.leaning import Lean
from ratings.core.suspicion.pushing import (
    BELONGS,
    FOUND,
    OVER,
    Crowd,
    Push,
    belonging,
    pushes,
)

SEED = 3
UNTIL = BEGIN + 3.5 * SECONDS
CAME = 60  # honest voters who come for the target's sake, or while everybody finds it better


def votes_with(strategy: Strategy | None, until: float = UNTIL) -> list[Cast]:
    world, honest = crowd(SEED, HONEST, MODELS)
    theirs = World(world.scores, np.random.default_rng([SEED, 1]))
    more = theirs.history([*strategy(theirs, TARGET)]) if strategy else []
    return sorted((vote for vote in [*honest, *more] if vote.at < until), key=lambda vote: vote.at)


def own(votes: Sequence[Cast]) -> list[list[Cast]]:
    """Each voter's, in the order in which they came."""
    by_voter = groupby(sorted(votes, key=lambda vote: vote.voter), key=lambda vote: vote.voter)
    return sorted(([*theirs] for _, theirs in by_voter), key=lambda theirs: theirs[0].at)


def found(
    voters: Sequence[Sequence[Cast]], trusted: bool = False, going_on: Iterable[Lean] = ()
) -> tuple[list[Push], Crowd]:
    board = Board(MODELS)
    board.add(vote for theirs in voters for vote in theirs)
    one = crowd_of(voters)
    if trusted:
        one = replace(one, trusted=np.ones(len(voters), bool))
    return pushes(one, *fitted(board.rows, MODELS), going_on), one


@pytest.mark.parametrize("strategy", [swarm, relay])
def test_those_who_push_a_model_together_are_told_from_who_came_meanwhile(
    strategy: Strategy,
) -> None:
    voters = own(votes_with(strategy))
    (push,), _ = found(voters)
    assert push.lean == (TARGET, True)
    assert push.is_known
    assert abs(push.since - BEGIN) < SECONDS
    held = push.belongs >= BELONGS
    rigged = np.array([sum(vote.is_rigged for vote in theirs) for theirs in voters])
    honest = np.array([not theirs[0].is_by_rigger for theirs in voters])
    assert rigged[held].sum() >= 0.8 * rigged.sum()
    assert honest[held].sum() <= 0.02 * HONEST


def test_where_nobody_pushes_nothing_is_found() -> None:
    assert found(own(votes_with(None)))[0] == []


def test_a_push_goes_on_until_it_is_clearly_weaker() -> None:
    voters = own(votes_with(relay, BEGIN + 0.8 * SECONDS))
    assert found(voters)[0] == []
    (push,), _ = found(voters, going_on=[(TARGET, True)])
    assert push.lean == (TARGET, True)
    assert OVER <= push.strength < FOUND
    assert found(own(votes_with(None)), going_on=[(TARGET, True)])[0] == []


def test_a_few_devoted_voters_at_all_times_are_no_push() -> None:
    def devoted(world: World, target: int) -> Sequence[Voter]:
        plan = Plan(up=frozenset({target}))
        return [Rigger(f"{i}", world, plan, 60, 10 * SECONDS * i / 12) for i in range(12)]

    assert found(own(votes_with(devoted, np.inf)))[0] == []


def test_nobody_belongs_whom_a_moderator_has_counted_again() -> None:
    assert found(own(votes_with(swarm)), trusted=True)[0] == []


def test_of_a_model_that_is_new_with_the_push_nothing_is_held() -> None:
    votes = votes_with(swarm)
    late = [vote for vote in votes if vote.at >= BEGIN or TARGET not in (vote.a, vote.b)]
    voters = own(late)
    new = [push for push in found(voters)[0] if push.lean == (TARGET, True)]
    assert [push.is_known for push in new] == [False]
    assert not belonging(new, len(voters)).any()


def test_a_model_that_everybody_finds_better_is_not_pushed() -> None:
    world, honest = crowd(SEED, HONEST, MODELS)
    better = world.scores.copy()
    better[TARGET] += 150.0
    later = World(better, np.random.default_rng(7))
    came = [Honest(HONEST + number, later, days=2.0) for number in range(2 * CAME)]
    for voter in came:
        voter.first += BEGIN
    before = [theirs for theirs in own(honest) if theirs[0].at < BEGIN]
    voters = own([*(vote for theirs in before for vote in theirs), *later.history(came)])
    assert belonging(found(voters)[0], len(voters)).max() < BELONGS
