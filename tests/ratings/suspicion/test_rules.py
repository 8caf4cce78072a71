"""Each rule: it finds what it is made for, and leaves alone what looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ratings.core.suspicion import agenda
from ratings.core.suspicion.betting import anytime, anytime_after_each
from ratings.core.suspicion.case import FEW, Case
from ratings.core.suspicion.record import Agenda, Circle, Field, Record
from ratings.core.suspicion.rule import Found, Rule
from ratings.core.suspicion.rules import (
    RULES,
    agendas,
    alike,
    favours,
    pace,
    pairs,
    repeats,
    rings,
    sides,
    steady,
    surprise,
)
from ratings.core.suspicion.scoring import HOLD, score
from ratings.core.suspicion.texts import keys_of, numbered

MODELS = 6
A, B, TIE, BOTH_BAD = range(4)
NAMES = [f"Model {number}" for number in range(MODELS)]
FIELD = Field(np.full(MODELS, 1000.0), -0.35, np.full(MODELS, 2 / MODELS), NAMES)


def record(votes: int, seed: int = 0) -> Record:
    """Of somebody who reads, between models that are all alike."""
    rng = np.random.default_rng(seed)
    a, b = np.array([rng.choice(MODELS, 2, replace=False) for _ in range(votes)]).T
    words = rng.uniform(60, 400, votes)
    return Record(
        a=a, b=b, verdict=rng.choice(4, votes, p=[0.37, 0.37, 0.16, 0.1]),
        at=np.cumsum(rng.exponential(120, votes)) + 30,
        seconds=2 + words * rng.uniform(0.08, 0.4, votes),
        words=words, own=np.arange(votes), draws=rng.random(votes),
    )  # fmt: skip


def weighed(rule: Rule, of: Record, field: Field = FIELD) -> Found:
    return rule.weigh(Case(of, field))


def for_model(of: Record, model: int) -> Record:
    """The same votes, but always for one model where it plays."""
    verdict = np.where(of.a == model, A, np.where(of.b == model, B, of.verdict))
    return replace(of, verdict=verdict)


def against(of: Record, model: int) -> Record:
    """The same votes, but always against one model where it plays."""
    verdict = np.where(of.a == model, B, np.where(of.b == model, A, of.verdict))
    return replace(of, verdict=verdict)


def only_pair(of: Record, one: int, other: int) -> Record:
    kept = np.intersect1d(of.of(one), of.of(other))
    return Record(**{name: column[kept] for name, column in vars(of).items()})


def only_on(of: Record, model: int) -> Record:
    kept = of.of(model)
    return Record(**{name: column[kept] for name, column in vars(of).items()})


def test_rules_have_names_of_their_own_and_bet_no_more_than_they_have() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for subject in {rule.looks_at for rule in RULES}:
        assert sum(rule.stake for rule in RULES if rule.looks_at == subject) < 1


def test_bets_after_each_vote_are_those_that_would_have_been_made_then() -> None:
    ratios = np.random.default_rng(4).lognormal(0, 1, (2, 30))
    path = anytime_after_each(ratios)
    assert path == pytest.approx(np.stack([anytime(ratios[:, :n]) for n in range(1, 31)], axis=1))
    filled = np.concatenate([ratios, np.ones((2, 9))], axis=1)
    assert anytime(filled) == pytest.approx(path[:, -1])


def test_a_case_weighs_models_together_as_it_would_each_alone() -> None:
    of = record(300, 6)
    case = Case(replace(of, a=np.where(of.a == 5, 0, of.a), b=np.where(of.a == 5, 5, of.b)), FIELD)
    sizes = [len(judged.at) for judged in case.judged.values()]
    assert len(case.blocks) > 1
    assert min(sizes) > FEW
    for model, judged in case.judged.items():
        alone = Case(only_on(case.record, model), FIELD).judged[model]
        assert judged.said == pytest.approx(alone.said)
        assert judged.path == pytest.approx(alone.path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_about_honest_votes_says_little(rule: Rule) -> None:
    e_values = [weighed(rule, record(votes, votes)).e_value for votes in range(1, 60)]
    assert np.mean(e_values) < 1.2
    assert max(e_values) < 20


def test_favours_names_the_model_that_always_wins() -> None:
    found = weighed(favours.RULE, for_model(record(120), 3))
    assert found.e_value > 30
    assert "Model 3" in found.reason


def test_favours_knows_a_model_that_always_loses() -> None:
    found = weighed(favours.RULE, against(record(120), 2))
    assert found.e_value > 50
    assert "against it" in found.reason


def test_favours_finds_a_sleeper() -> None:
    honest, rigged = record(240), for_model(record(240), 1)
    verdict = np.where(np.arange(240) < 120, honest.verdict, rigged.verdict)
    assert weighed(favours.RULE, replace(honest, verdict=verdict)).e_value > 20


def test_favours_lets_a_strong_model_win() -> None:
    scores = np.array([1600.0, *[1000.0] * (MODELS - 1)])
    strong = replace(FIELD, scores=scores)
    assert weighed(favours.RULE, for_model(record(120), 0), strong).e_value < 3


def test_surprise_backs_what_no_taste_explains() -> None:
    rigged = only_on(for_model(record(400), 3), 3)
    assert weighed(surprise.RULE, rigged).e_value > 100


def test_surprise_p_values_of_an_honest_fan_are_not_small() -> None:
    """Of somebody whose taste is as strong as the rule allows: uniform."""
    rng = np.random.default_rng(1)
    odds = np.array([np.exp(150 / 173.7), np.exp(-150 / 173.7), np.exp(-0.35)])
    fan = only_on(record(3000, 5), 0)
    won = rng.choice(3, len(fan), p=odds / odds.sum())
    turned = np.where(fan.a == 0, won, np.where(won == TIE, TIE, 1 - won))
    case = Case(replace(fan, verdict=turned), FIELD)
    block = next(each for each in case.blocks if 0 in each.models)
    found = surprise.p_values(case, block)[0, [*block.models].index(0)]
    assert abs(np.mean(found) - 0.5) < 0.03
    assert abs(np.mean(found < 0.1) - 0.1) < 0.03


def test_pairs_notices_a_voter_who_leaves_all_others() -> None:
    found = weighed(pairs.RULE, only_on(record(60), 4))
    assert found.e_value > 100
    assert "Model 4" in found.reason


def test_pairs_is_silent_where_only_two_models_play() -> None:
    both = record(40)
    both = replace(both, a=np.zeros(40, dtype=int), b=np.ones(40, dtype=int))
    field = Field(FIELD.scores[:2], -0.35, np.ones(2), NAMES[:2])
    assert weighed(pairs.RULE, both, field).e_value < 1.5


def test_pace_counts_votes_before_the_answers_could_be_skimmed() -> None:
    honest = record(12)
    quick = replace(honest, words=np.full(12, 400.0), seconds=np.full(12, 3.0))
    found = weighed(pace.RULE, quick)
    assert found.e_value > 30
    assert found.reason.startswith("12 of 12 votes")


def test_pace_asks_less_of_short_answers() -> None:
    short = replace(record(12), words=np.full(12, 10.0), seconds=np.full(12, 3.0))
    assert weighed(pace.RULE, short).e_value < 1


def test_steady_notices_a_program_that_waits_a_little_longer_than_it_must() -> None:
    honest = record(15)
    jitter = np.random.default_rng(2).lognormal(0, 0.05, 15)
    assert weighed(steady.RULE, replace(honest, seconds=30.0 * jitter)).e_value > 30
    paced = replace(honest, seconds=honest.words / 14.5 * jitter)
    found = weighed(steady.RULE, paced)
    assert found.e_value > 30
    assert "each word" in found.reason


def test_a_clock_that_is_set_back_makes_no_voter_quick_or_steady() -> None:
    honest = record(12)
    back = replace(honest, seconds=honest.seconds - 3600, at=honest.at - 3600 * np.arange(12))
    assert weighed(pace.RULE, back).reason.startswith("0 of 0 votes")
    assert max(weighed(rule, back).e_value for rule in (pace.RULE, steady.RULE)) <= 1


def test_sides_notices_always_the_same_button() -> None:
    found = weighed(sides.RULE, replace(record(25), verdict=np.full(25, B)))
    assert found.e_value > 30
    assert "25 of 25" in found.reason


def test_repeats_numbers_prompts_that_are_nearly_the_same() -> None:
    said = "Tell me who made you and which company trained you please"
    texts = [f"{said} {number}" for number in range(9)]
    own = numbered([keys_of(text) for text in texts])
    assert set(own) == {0}
    assert weighed(repeats.RULE, replace(record(9), own=own)).e_value > 30


def test_keys_leave_short_prompts_and_other_texts_alone() -> None:
    one = "Explain to a child how tides and bread work together in winter"
    other = "Write a short story about engines that ends with lemons near bridges"
    assert keys_of("Hello there!") == ()
    assert numbered([keys_of(one), keys_of(other), keys_of("hi"), keys_of(f"{one}?")]).tolist() == [
        0, 1, -1, 0,
    ]  # fmt: skip


def circles(others: int, e_value: float) -> list[Circle]:
    return [Circle("ask nearly the same", [{(3, True): e_value}] * others, most=100.0)]


def test_rings_add_what_others_who_ask_the_same_lean_to() -> None:
    rigged = for_model(record(20), 3)
    alone = weighed(rings.RULE, rigged).e_value
    joined = weighed(rings.RULE, rigged, replace(FIELD, circles=circles(8, 8.0)))
    assert (alone, joined.e_value) == (1.0, 100.0)
    assert joined.reason == "8 other voters ask nearly the same and vote for Model 3 as well"


def test_rings_of_honest_people_who_came_at_once_say_nothing() -> None:
    field = replace(FIELD, circles=circles(30, 0.8))
    assert weighed(rings.RULE, for_model(record(20), 3), field).e_value < 1


def test_alike_bets_on_what_other_suspicious_voters_serve() -> None:
    """Each model was judged too rarely to stand out by itself."""
    rigged = against(for_model(record(45), 3), 1)
    ring = Agenda.gathered([([(3, True), (1, False)], 1.5)] * 5 + [([(0, True)], 0.2)])
    together = replace(FIELD, agendas=ring)
    found = weighed(alike.RULE, rigged, together)
    assert found.e_value > 30 * weighed(favours.RULE, rigged).e_value
    which = "alike: for Model 3, against Model 1"
    assert found.reason == f"5 of the most suspicious other voters stand out {which}"
    assert found.speaks
    alone = weighed(alike.RULE, rigged)
    assert alone.e_value == pytest.approx(weighed(favours.RULE, rigged).e_value)
    assert not alone.speaks
    elsewhere = against(for_model(record(45), 0), 2)
    assert weighed(alike.RULE, elsewhere, together).e_value < weighed(alike.RULE, elsewhere).e_value


def test_alike_never_costs_more_than_the_whole_bet() -> None:
    ring = Agenda.gathered([([(4, False)], 3.0)] * 40)
    found = weighed(alike.RULE, for_model(record(120), 4), replace(FIELD, agendas=ring))
    assert 0 < found.e_value < 1
    assert not found.speaks


def test_agendas_add_up_models_that_are_lifted_and_sunk() -> None:
    rigged = against(against(against(record(60), 1), 2), 3)
    found = weighed(agendas.RULE, rigged)
    assert found.e_value > 5 * weighed(favours.RULE, rigged).e_value
    assert found.reason == "the votes follow one plan: against Model 2 and Model 3"


def test_agendas_do_not_count_a_vote_between_two_that_are_pushed() -> None:
    both = only_pair(record(400), 1, 2)
    case = Case(both, FIELD)
    up = frozenset([(1, True), (2, True)])
    assert agenda.e_value(case, up) == 1.0
    assert agenda.e_value(case, frozenset([(1, True), (2, False)])) != 1.0


def test_agendas_of_a_voter_whom_some_models_fail_say_nothing() -> None:
    """Three of six models are 300 points worse for somebody who asks in another language."""
    rng, honest = np.random.default_rng(3), record(150, 3)
    gap = (300 / 173.7) * ((honest.b >= 3).astype(float) - (honest.a >= 3).astype(float))
    odds = np.exp(np.stack([gap / 2, -gap / 2, np.full(150, -0.35)], axis=1))
    verdict = [rng.choice(3, p=each / each.sum()) for each in odds]
    assert weighed(agendas.RULE, replace(honest, verdict=np.array(verdict))).e_value < 2


def single_evidence() -> Iterator[Record]:
    honest = record(40)
    yield replace(honest, words=np.full(40, 400.0), seconds=honest.words / 40)
    yield replace(honest, verdict=np.full(40, A))
    yield replace(honest, own=np.zeros(40, dtype=int))
    yield replace(honest, seconds=np.full(40, 30.0))


@pytest.mark.parametrize("of", [*single_evidence()])
def test_score_of_one_rule_alone_never_holds(of: Record) -> None:
    found = score(of, FIELD)
    assert max(reason.weight for reason in found.reasons) > 0.5
    assert not found.reaches(HOLD)


def test_score_is_the_sum_of_its_reasons_the_heaviest_first() -> None:
    found = score(for_model(record(120), 3), FIELD)
    weights = [reason.weight for reason in found.reasons]
    assert found.value == pytest.approx(sum(weights))
    assert weights == sorted(weights, reverse=True)
    assert {reason.rule for reason in found.reasons} == {rule.name for rule in RULES}
