"""Intervals of shares whose answers come from voters: how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from ratings.core.uncertainty.proportions import wilson_interval
from ratings.core.uncertainty.voter_shares import VoterShares, voter_shares

GROUPS = 6


def shares_of(hits: list[int], answers: list[int], group: list[int], n: int) -> VoterShares:
    return voter_shares(np.array(group), np.array(hits, float), np.array(answers, float), n)


def test_answers_of_a_voter_each_are_as_independent_but_for_student() -> None:
    found = shares_of([1] * 30 + [0] * 70, [1] * 100, [0] * 100, 1)
    assert found.effect == pytest.approx([1.0])
    assert found.effective == pytest.approx([100.0])
    low, high = found.interval(0.95)
    wilson = wilson_interval(np.array([30.0]), np.array([100.0]), 0.95)
    assert [low[0], high[0]] == pytest.approx([wilson[0][0], wilson[1][0]], abs=0.002)
    assert low[0] < wilson[0][0] < wilson[1][0] < high[0]


def test_voters_who_always_or_never_say_it_count_once() -> None:
    found = shares_of([10] * 20 + [0] * 20, [10] * 40, [0] * 40, 1)
    assert found.effect == pytest.approx([10.0], rel=0.02)
    assert found.effective == pytest.approx([40.0])


def test_share_of_nobody_takes_its_correlation_from_the_others() -> None:
    others = [10] * 20 + [0] * 20
    found = shares_of([0] * 40 + others, [10] * 80, [0] * 40 + [1] * 40, 2)
    alone = shares_of([0] * 40, [10] * 40, [0] * 40, 1)
    assert (found.share[0], alone.effect[0]) == (0.0, 1.0)
    assert found.effect[0] == pytest.approx(10.0, rel=0.05)
    assert found.interval(0.95)[1][0] > 3 * alone.interval(0.95)[1][0]


def test_group_without_answers_has_no_share() -> None:
    found = shares_of([1, 0], [2, 2], [0, 0], 2)
    assert np.isnan([found.share[1], *(end[1] for end in found.interval(0.95))]).all()


def test_only_voter_has_the_widest_interval_that_there_is() -> None:
    found = shares_of([4], [10], [0], 1)
    low, high = found.interval(0.95)
    assert low[0] < 0.05
    assert high[0] > 0.95


@pytest.mark.parametrize("share", [0.03, 0.3])
@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3])
def test_interval_holds_the_truth_whatever_voters_have_in_common(
    share: float, correlation: float
) -> None:
    """60 voters, some ten times as active as others, who differ in how often they say a word."""
    draw, held, wrong = np.random.default_rng(5), [], []
    for _run in range(300):
        activity = draw.pareto(2, 60) + 1
        answers = draw.multinomial(
            2000, np.repeat(activity, GROUPS) / activity.sum() / GROUPS
        ).reshape(60, GROUPS)
        habit = np.full((60, 1), share)
        if correlation:
            spread = 1 / correlation - 1
            habit = draw.beta(share * spread, (1 - share) * spread, (60, 1))
        hits = draw.binomial(answers, np.broadcast_to(habit, answers.shape))
        voter, group = answers.nonzero()
        named, judged = (np.asarray(one[voter, group], np.float64) for one in (hits, answers))
        found = voter_shares(group, named, judged, GROUPS)
        low, high = found.interval(0.95)
        held += [*((low <= share) & (share <= high))]
        low, high = wilson_interval(found.hits, found.answers, 0.95)
        wrong += [*((low <= share) & (share <= high))]
    assert 0.935 <= np.mean(held) <= 0.985
    assert np.mean(wrong) < 0.85 if correlation else np.mean(wrong) > 0.93
