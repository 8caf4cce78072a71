"""What an attacker could learn who records every frame of a battle with its time, stops or reloads
the page at will, and wants to know which of the two sides is quicker.

Each simulated battle is played twice, with the sides' speeds exchanged and all else the same, so
that the texts themselves reveal nothing and a guess is right half of the time. The attackers are
also run on our first pacing, where they do tell the sides apart.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from arena.models import Side
from arena.showing.turn import LiveTurn
from arena.showing.words import cut
from benchmarks.blind.battles import BEGAN, drawn
from benchmarks.blind.battles import Battle as Recorded

from .simulated import (
    LOOK_S,
    NEVER,
    Battle,
    OurPage,
    Page,
    PageContinuedEarly,
    PageInStep,
    Seen,
    battles,
    begun_anew,
    smoothly,
    watch,
)  # fmt: skip

pytestmark = pytest.mark.slow
BATTLES = 80  # each of them twice
UNLIKELY = 0.001  # probability of doing as well by chance
Floats = NDArray[np.float64]
Attack = Callable[[Seen], float]

# Attackers: above 0 says that A is the quicker side, below 0 that B is; 0 says nothing.


def cut_inside_a_word(seen: Seen) -> float:
    return sum(
        inside_a_word(a, seen.texts[Side.A]) - inside_a_word(b, seen.texts[Side.B])
        for _, a, b in seen.frames
    )


def inside_a_word(shown: str, text: str) -> bool:
    at_the_cut = text[len(shown) - 1 : len(shown) + 1]
    return bool(shown) and text.startswith(shown) and len(at_the_cut.strip()) == 2


def fewer_characters(seen: Seen) -> float:
    """The side that shows fewer characters than its words have, while both are shown."""
    if not seen.frames:  # stopped before
        return 0.0
    _, a, b = next((f for f in reversed(seen.frames) if both_go_on(seen, *f[1:])), seen.frames[-1])
    return missing(a, seen.texts[Side.A]) - missing(b, seen.texts[Side.B])


def missing(shown: str, text: str) -> int:
    return len(cut(text, count(shown))) - len(shown.strip())


def more_words(seen: Seen) -> float:
    return sum(count(a) - count(b) for _, a, b in seen.frames if both_go_on(seen, a, b))


def first_to_begin(seen: Seen) -> float:
    return sum(len(a[:1]) - len(b[:1]) for _, a, b in seen.frames[:1])


def jumps_at_stop(seen: Seen) -> float:
    return seen.jumped[0] - seen.jumped[1]


def jumps_when_loaded_again(seen: Seen) -> float:
    a, b = seen.reloaded
    return 0 if abs(a - b) < 30 else a - b  # words differ in length


def pace_after_the_first_end(seen: Seen) -> float:
    """A pace that rises when one side ends says that it was the slow one."""
    before, after = gaps_around_the_first_end(seen)
    return ended_first(seen) * float(np.mean(after) - np.mean(before)) if len(before) else 0.0


def stalls_after_the_first_end(seen: Seen) -> float:
    """Stalls after the first end, which come from the other side."""
    _, after = gaps_around_the_first_end(seen)
    return ended_first(seen) * int(sum(after > 3 * np.median(after))) if len(after) else 0.0


def pause_at_the_first_end(seen: Seen) -> float:
    """The pause of a side that was shown as it arrived, before its end was known."""
    before, after = gaps_around_the_first_end(seen)
    if not len(before):
        return 0.0
    return -ended_first(seen) * float(after[0] - 1.5 * np.median([*before, *after]))


def pauses_with_its_long_words(seen: Seen) -> float:
    """The side whose long words coincide with pauses is the slow one, which the clock waits for."""
    at: list[float] = []
    lengths: dict[Side, list[float]] = {side: [] for side in Side}
    for (_, *old), (now, *new) in pairwise(seen.frames):
        if both_go_on(seen, *new):
            at.append(now)
            for side, before, after in zip(Side, old, new, strict=True):
                lengths[side].append(len(after) - len(before))
    if len(at) < 12:
        return 0.0
    gaps = [b - a for a, b in pairwise(at)]
    return correlation(gaps, lengths[Side.B][1:]) - correlation(gaps, lengths[Side.A][1:])


def words_by_the_time_a_follow_up_is_taken(seen: Seen) -> float:
    """Trying to continue at every moment shows when the slower side ended, and the pace of the
    clock about how quick that side was: its number of words in that time."""
    if seen.taken == NEVER or len(seen.frames) < 12:
        return 0.0
    began = seen.frames[0][0]
    gear = 1 / float(np.median(np.diff([at for at, *_ in seen.frames[4:]])))
    paces = (count(seen.texts[side]) / (seen.taken - began + 0.1) for side in Side)
    a, b = (abs(float(np.log(pace / (1.9 * gear)))) for pace in paces)
    return a - b


def jumps_at_an_early_vote(seen: Seen) -> float:
    """An early vote ends both answers at what was seen. Whoever claims to have seen more than is
    shown, and looks at what is kept, would find how much had arrived."""
    a, b = seen.voted
    return 0 if abs(a - b) < 30 else a - b  # words differ in length


def words_by_the_time_a_vote_is_taken(seen: Seen) -> float:
    """Trying to vote at every moment shows when both sides had begun: whichever shows more by then
    came first."""
    shown = [(a, b) for at, a, b in seen.frames if at <= seen.votable]
    a, b = shown[-1] if shown else ("", "")
    return count(a) - count(b)


def pauses_before_its_long_words(seen: Seen) -> float:
    """The side whose text is long where the display waits is the slow one."""
    both = [frame for frame in seen.frames if both_go_on(seen, *frame[1:])]
    gaps, found = np.diff([at for at, *_ in both]), 0.0
    for n in range(1, len(gaps)):
        usual = min(gaps[n - 1], float(np.median(gaps[max(0, n - 4) : n])))
        if gaps[n] > 1.5 * usual + 0.07:
            (_, *old), (_, *new) = both[max(0, n - 2)], both[n + 1]
            a, b = (len(after) - len(before) for before, after in zip(old, new, strict=True))
            found += b - a
    return found


def slow_after_a_minute(seen: Seen) -> float:
    """A short answer of a slow side, judged by its few words, kept the pace down for ever."""
    late = np.diff([at for at, *_ in seen.frames if at - seen.frames[0][0] >= 64])
    return -ended_first(seen) if len(late) > 8 and np.median(late) > 0.19 else 0.0


def pace_that_fits_one_text(seen: Seen) -> float:
    return slow_after_a_minute(seen) or pauses_before_its_long_words(seen)


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.std(a) > 1e-9 and np.std(b) > 1e-9 else 0.0


def ended_first(seen: Seen) -> int:
    """1 if A has fewer words, -1 if B has."""
    return int(np.sign(count(seen.texts[Side.B]) - count(seen.texts[Side.A])))


def gaps_around_the_first_end(seen: Seen) -> tuple[Floats, Floats]:
    at = [now for now, *_ in seen.frames]
    end = next((n for n, (_, a, b) in enumerate(seen.frames) if not both_go_on(seen, a, b)), 0)
    before, after = np.diff(at[2 : end + 1]), np.diff(at[end:])
    return (before, after) if min(len(before), len(after)) > 8 else (before[:0], after[:0])


def both_go_on(seen: Seen, a: str, b: str) -> bool:
    return len(a) < len(seen.texts[Side.A]) and len(b) < len(seen.texts[Side.B])


def count(text: str) -> int:
    return len(text.split())


ATTACKERS = (
    cut_inside_a_word, fewer_characters, more_words, first_to_begin, jumps_at_stop,
    jumps_when_loaded_again, pace_after_the_first_end, stalls_after_the_first_end,
    pause_at_the_first_end, pauses_with_its_long_words, words_by_the_time_a_follow_up_is_taken,
    jumps_at_an_early_vote, words_by_the_time_a_vote_is_taken, pauses_before_its_long_words,
    slow_after_a_minute, pace_that_fits_one_text,
)  # fmt: skip


@dataclass(frozen=True)
class Score:
    right: int
    guesses: int

    @property
    def share(self) -> float:
        return self.right / self.guesses if self.guesses else 0.5

    @property
    def is_luck(self) -> bool:
        return not self.guesses or binomtest(self.right, self.guesses).pvalue > UNLIKELY


def score(guesses: Sequence[float], truth: Sequence[int]) -> Score:
    said = [
        (guess > 0) == (right > 0) for guess, right in zip(guesses, truth, strict=True) if guess
    ]
    return Score(sum(said), len(said))


def learned(seen: Sequence[Seen], truth: Sequence[int]) -> Score:
    """All attackers combined, with weights learned on half of the battles."""
    facts = np.array([[attack(one) for attack in ATTACKERS] for one in seen], float)
    facts /= facts.std(axis=0) + 1e-9
    half = len(seen) // 2  # a battle and its twin stay in the same half
    weights = np.zeros(facts.shape[1])
    for _ in range(300):  # logistic regression without intercept: A and B are drawn at random
        wrong = np.array(truth[:half]) > 0
        slope = facts[:half].T @ (wrong - 1 / (1 + np.exp(-facts[:half] @ weights)))
        weights += 0.5 * slope / half - 0.001 * weights
    return score(list(facts[half:] @ weights), truth[half:])


def played(page: type[Page]) -> tuple[list[Seen], list[int]]:
    seen, truth = [], []
    for battle in battles(BATTLES, seed=12):
        seen.append(watch(battle, page()))
        truth.append(1 if battle.quick is Side.A else -1)
    return seen, truth


@pytest.fixture(scope="module")
def ours() -> tuple[list[Seen], list[int]]:
    return played(OurPage)


@pytest.fixture(scope="module")
def in_step() -> tuple[list[Seen], list[int]]:
    return played(PageInStep)


@pytest.fixture(scope="module")
def of_three_speeds() -> tuple[list[Seen], list[int]]:
    """A thousand battles of known speeds, APIs among them."""
    drawn_battles = [*drawn(range(500), seed=99)]
    truth = [1 if battle.quick is Side.A else -1 for battle in drawn_battles]
    return [of_the_clock(battle) for battle in drawn_battles], truth


@pytest.mark.parametrize("attack", ATTACKERS)
def test_attacker_is_at_chance(attack: Attack, ours: tuple[list[Seen], list[int]]) -> None:
    seen, truth = ours
    found = score([attack(one) for one in seen], truth)
    assert found.is_luck, found


@pytest.mark.parametrize("attack", [slow_after_a_minute, pace_that_fits_one_text])
def test_attacker_is_at_chance_who_asks_which_text_fits_the_times(
    attack: Attack, of_three_speeds: tuple[list[Seen], list[int]]
) -> None:
    """As the first clock let it tell: of such battles, they were right in 29 of 30 and in 101 of
    147."""
    seen, truth = of_three_speeds
    found = score([attack(one) for one in seen], truth)
    assert found.guesses > 10
    assert found.is_luck, found


def of_the_clock(battle: Recorded) -> Seen:
    """What the clock shows of the last attempts, without page and Markdown."""
    live, now, before = LiveTurn(), BEGAN, 0
    entries = [
        (side, each._replace(attempt=1))
        for side, written in battle.sides.items()
        for each in written.entries
        if each.attempt == written.attempt
    ]
    coming = deque(sorted(entries, key=lambda each: each[1].at))
    seen = Seen({side: written.text for side, written in battle.sides.items()})
    while coming or not live.all_seen(now):
        now += LOOK_S
        while coming and coming[0][1].at <= now:
            live.absorb(*coming.popleft())
        if (words := live.seen(now)) > before:
            a, b = (pane.words.first(words) for pane in live.panes.values())
            seen.frames.append((now, a, b))
            before = words
    return seen


def test_who_learns_from_other_battles_is_at_chance(ours: tuple[list[Seen], list[int]]) -> None:
    found = learned(*ours)
    assert found.guesses > 50
    assert found.is_luck, found


@pytest.mark.parametrize(
    "attack", [cut_inside_a_word, fewer_characters, jumps_at_stop, jumps_at_an_early_vote]
)
def test_attacker_tells_sides_apart_that_are_shown_as_they_come(
    attack: Attack, in_step: tuple[list[Seen], list[int]]
) -> None:
    seen, truth = in_step
    found = score([attack(one) for one in seen], truth)
    assert found.share > 0.75
    assert not found.is_luck, found
    assert learned(seen, truth).share > 0.8


def test_attacker_tells_sides_apart_where_follow_ups_are_taken_before_all_is_shown() -> None:
    seen, truth = played(PageContinuedEarly)
    found = score([words_by_the_time_a_follow_up_is_taken(one) for one in seen], truth)
    assert found.share > 0.7
    assert not found.is_luck, found


def test_follow_ups_are_taken_when_the_last_words_are_shown(
    ours: tuple[list[Seen], list[int]],
) -> None:
    """Not before, whichever side ended first."""
    taken = [seen for seen in ours[0] if seen.taken != NEVER]  # of the others most were stopped
    assert len(taken) > BATTLES
    assert all(seen.taken >= seen.frames[-1][0] for seen in taken)


def test_early_vote_is_taken_from_the_first_words_on_and_keeps_what_is_shown(
    ours: tuple[list[Seen], list[int]],
) -> None:
    """To the letter, and however much its voter claims to have seen: nothing that has arrived since
    is kept, not even of the side that is longer."""
    voted = [seen for seen in ours[0] if seen.frames]
    assert all(seen.votable == seen.frames[0][0] for seen in voted)
    assert {seen.voted for seen in voted} == {(0, 0)}


def test_new_attempt_of_either_side_begins_both_anew() -> None:
    """Nothing may reveal whose worker died."""
    for side in Side:
        draw = random.Random(5)
        entries = [(side, each) for each in begun_anew(draw, "One " * 60 + "end.", 9)]
        entries += [(side.other, each) for each in smoothly(draw, "Two " * 60 + "end.", 30)]
        texts = {side: "One " * 60 + "end.", side.other: "Two " * 60 + "end."}
        entries.sort(key=lambda each: each[1].at)
        seen = watch(Battle(side, texts, entries, NEVER, NEVER), OurPage())
        words_shown = [(count(a), count(b)) for _, a, b in seen.frames]
        assert all(a == b for a, b in words_shown)
        assert words_shown.count((1, 1)) == 2
