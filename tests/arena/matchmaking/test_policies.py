"""What a policy makes of the pairs, whatever it says and whoever plays."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.matchmaking.odds import informed, packed
from arena.matchmaking.policies import Rules, pair_weights, probabilities, shares
from arena.matchmaking.strategies import STRATEGIES, Facts, Weights

KEYS = (3, 5, 8, 13)
PAIRS = [*combinations(KEYS, 2)]
FACTORS = st.floats(0.01, 100)


@st.composite
def facts(draw: st.DrawFn, most: int = 6) -> Facts:
    keys = draw(st.lists(st.integers(1, 99), min_size=2, max_size=most, unique=True))
    number = len(keys) * (len(keys) - 1) // 2
    known = st.one_of(st.just(float("nan")), st.floats(0.001, 1000))
    found = draw(st.lists(known, min_size=number, max_size=number))
    votes = draw(st.lists(st.integers(0, 500), min_size=len(keys), max_size=len(keys)))
    return Facts(keys, np.array(votes, dtype=float), np.array(found))


@st.composite
def rules(draw: st.DrawFn, keys: list[int]) -> Rules:
    pairs = [frozenset(pair) for pair in combinations(keys, 2)]
    return Rules(
        strategy=draw(st.sampled_from([*STRATEGIES])),
        boost=draw(st.floats(1, 50)),
        boost_until=draw(st.integers(0, 500)),
        weights=draw(st.dictionaries(st.sampled_from(keys), FACTORS)),
        excluded=draw(st.frozensets(st.sampled_from(pairs))),
        floor=draw(st.floats(0.001, 1)),
    )


@given(st.data())
def test_every_policy_gives_probabilities_with_their_floor(data: st.DataObject) -> None:
    known = data.draw(facts())
    wanted = data.draw(rules([*known.contestants]))
    found = probabilities(known, wanted)
    never = np.array(
        [frozenset(pair) in wanted.excluded for pair in combinations(known.contestants, 2)]
    )
    assert not found[never].any()
    if never.all():
        return
    assert found.sum() == pytest.approx(1.0)
    if not wanted.is_plain or wanted.floor > STRATEGIES[wanted.strategy].floor:
        assert found[~never].min() >= wanted.floor / (~never).sum() * (1 - 1e-9)
    assert shares(found, len(known.contestants)).sum() == pytest.approx(2.0)


@given(st.data())
def test_order_of_the_contestants_means_nothing(data: st.DataObject) -> None:
    known = data.draw(facts())
    wanted = data.draw(rules([*known.contestants]))
    n = len(known.contestants)
    square = np.full((n, n), np.nan)
    square[np.triu_indices(n, 1)] = known.information
    square = np.fmax(square, square.T)[::-1, ::-1]
    turned = Facts(known.contestants[::-1], known.votes[::-1], square[np.triu_indices(n, 1)])

    def by_pair(of: Facts) -> dict[frozenset[int], float]:
        pairs = map(frozenset, combinations(of.contestants, 2))
        return dict(zip(pairs, probabilities(of, wanted).tolist(), strict=True))

    assert by_pair(turned) == pytest.approx(by_pair(known))


@given(facts(), FACTORS)
def test_factor_multiplies_the_odds_of_its_pairs(known: Facts, factor: float) -> None:
    """Compared with any pair of others; the floor is too low to matter."""
    first = known.contestants[0]
    plain = probabilities(known, Rules("uniform", floor=1e-9))
    found = probabilities(known, Rules("uniform", weights={first: factor}, floor=1e-9))
    of_first = np.array([first in pair for pair in combinations(known.contestants, 2)])
    if not of_first.all():
        ratio = (found / plain)[of_first] / (found / plain)[~of_first][0]
        assert ratio == pytest.approx(np.full(of_first.sum(), factor))


def of_four(votes: tuple[int, ...] = (0, 9, 10, 99)) -> Facts:
    return Facts(KEYS, np.array(votes, dtype=float), np.array([6.0, 1.0, 2.0, 3.0, 4.0, 5.0]))


def test_boost_is_for_those_with_fewer_votes_once_for_each() -> None:
    found = probabilities(of_four(), Rules("uniform", boost=4, boost_until=10, floor=0.01))
    odds = np.array([16, 4, 4, 4, 4, 1]) / 33  # two new ones, one, or none
    assert dict(zip(PAIRS, found, strict=True)) == pytest.approx(
        dict(zip(PAIRS, odds, strict=True))
    )
    after = probabilities(of_four((10, 10, 10, 99)), Rules("uniform", boost=4, boost_until=10))
    assert after == pytest.approx(np.full(6, 1 / 6))


def test_excluded_pairs_are_never_drawn_and_a_floor_of_one_evens_the_rest() -> None:
    wanted = Rules(excluded=frozenset({frozenset({5, 3})}), floor=1.0)
    assert probabilities(of_four(), wanted) == pytest.approx([0, 0.2, 0.2, 0.2, 0.2, 0.2])
    every = replace(wanted, excluded=frozenset(map(frozenset, PAIRS)))
    assert not probabilities(of_four(), every).any()
    gone = replace(wanted, excluded=frozenset({frozenset({3, 99})}))  # who does not play
    assert probabilities(of_four(), gone) == pytest.approx(np.full(6, 1 / 6))


def test_floor_takes_from_the_likely_in_proportion() -> None:
    found = probabilities(of_four(), Rules(weights={3: 0.01}, floor=0.6))
    assert found[:3] == pytest.approx(np.full(3, 0.1))
    assert found[3:] == pytest.approx(0.7 * np.array([3, 4, 5]) / 12)


def before(known: list[int], weights: bytes, playing: list[int]) -> Weights:
    """The cumulative weights of a draw as they were computed before there were policies."""
    square = np.full((len(known) + 1,) * 2, np.nan)
    upper = np.triu_indices(len(known), 1)
    square[upper] = np.frombuffer(weights, "<f2")[: len(upper[0])]
    places = {key: place for place, key in enumerate(known)}
    rows = np.array([places.get(key, len(known)) for key in playing])
    found = np.fmax(square, square.T)[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
    most = float(np.nanmax(found, initial=0.0)) or 1.0
    return np.cumsum(np.where(np.isnan(found), most, found))


@given(st.integers(2, 9), st.lists(st.integers(0, 12), min_size=2, unique=True), st.integers(0))
def test_first_policy_draws_as_before_to_the_last_bit(n: int, playing: list[int], s: int) -> None:
    weights = packed(np.random.default_rng(s).uniform(0.01, 5.0, n * (n - 1) // 2))
    known = [*range(n)]
    facts = Facts(playing, np.zeros(len(playing)), informed(known, weights, playing))
    now = np.cumsum(pair_weights(facts, Rules()))
    assert now.tobytes() == before(known, weights, playing).tobytes()
