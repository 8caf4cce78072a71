"""Battles of contestants whose speeds differ: both streams, and what their viewer does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from arena.matchmaking.waiting import NO_WAIT, Wait
from arena.models import Side
from inference.contract.streams import Entry, Kind
from tests.arena.simulated import VOCABULARY

BEGAN = 1_000.0  # by the clock of the broker [s]
SPEEDS = (5, 20, 60)  # tokens a second
WORDS_PER_TOKEN = 0.75
NEVER = 1e9
STORING_S = 0.05  # from an answer's end to its being stored
DEAD_S = 6.0  # until a dead worker's answer is given to another


@dataclass(frozen=True)
class Contestant:
    speed: int
    first_s: float  # to its first words
    is_api: bool


@dataclass(frozen=True)
class Written:
    """One side's stream, and what is stored of it."""

    entries: list[Entry]
    text: str
    attempt: int
    stored: float


@dataclass(frozen=True)
class Battle:
    quick: Side
    sides: dict[Side, Written]
    waits: list[tuple[float, Wait]]  # what the queue looked like, and since when
    reload: float
    stop: float


def drawn(which: range, seed: int) -> Iterator[Battle]:
    """Each battle twice, with speeds exchanged and all else the same: texts say nothing."""
    for n in which:
        draw = random.Random(f"{seed}.{n}")
        quick, slow = (_contestant(draw, speed) for speed in _speeds(draw))
        texts = {side: _text(draw) for side in Side}
        queue = draw.choice([0.0, 0.0, draw.uniform(1, 8)])
        reload = BEGAN + draw.choice([NEVER, draw.uniform(2, 20)])
        stop = BEGAN + draw.choice([NEVER, NEVER, draw.uniform(3, 15)])
        swapped = draw.choice([None, None, None, "quick", "slow"])
        for side in Side:
            both = {side: (quick, swapped == "quick"), side.other: (slow, swapped == "slow")}
            fresh = {each: random.Random(f"{seed}.{n}.{both[each][0].speed}") for each in Side}
            written = {
                each: _written(fresh[each], texts[each], *both[each], BEGAN + queue)
                for each in Side
            }
            yield Battle(side, written, _queue(queue), reload, stop)


def _speeds(draw: random.Random) -> list[int]:
    return sorted(draw.sample(SPEEDS, 2), reverse=True)


def _contestant(draw: random.Random, speed: int) -> Contestant:
    return Contestant(speed, draw.uniform(0.1, 3.0), draw.random() < 0.5)


def _text(draw: random.Random) -> str:
    """Short or long, sometimes with a list."""
    words = draw.randint(3, 30) if draw.random() < 0.4 else draw.randint(60, 200)
    said = [draw.choice(VOCABULARY) for _ in range(words)]
    if draw.random() < 0.3:
        said = [f"\n- {word}" if n % 9 == 5 else word for n, word in enumerate(said)]
    return " ".join(said) + "."


def _queue(until: float) -> list[tuple[float, Wait]]:
    """Both sides wait for the longer queue, so its message is about the battle."""
    steps = [(BEGAN + until * part, Wait(int(9 * (1 - part)), 3 - int(3 * part))) for part in
             (0.0, 0.34, 0.67)]  # fmt: skip
    return [*steps, (BEGAN + until, NO_WAIT)] if until else [(BEGAN, NO_WAIT)]


def _written(
    draw: random.Random, text: str, who: Contestant, is_swapped: bool, begin: float
) -> Written:
    """If swapped, another contestant's attempt came first, and died in mid-answer."""
    entries, attempt = list[Entry](), 1
    if is_swapped:
        other = Contestant(draw.choice(SPEEDS), draw.uniform(0.1, 3.0), draw.random() < 0.5)
        first = list(_pieces(draw, text, other, begin, attempt))
        died = begin + draw.uniform(0.5, 6.0)
        entries = [each for each in first if each.at < died and each.kind is Kind.TEXT]
        begin, attempt = died + DEAD_S, 2
    entries += _pieces(draw, text, who, begin, attempt)
    stored = entries[-1].at + STORING_S
    return Written([*entries, _entry(Kind.STORED, stored, "", attempt)], text, attempt, stored)


def _pieces(
    draw: random.Random, text: str, who: Contestant, begin: float, attempt: int
) -> Iterator[Entry]:
    """Token by token; an API sends what has gathered in up to half a second."""
    at, gathered, due = begin + who.first_s, "", 0.0
    pause = draw.uniform(0.05, 0.5) if who.is_api else 0.0
    stall = draw.random() < 0.15 and draw.randrange(len(text))
    done = 0
    for token in _tokens(draw, text):
        at += max(0.002, draw.gauss(1, 0.25)) / who.speed
        done += len(token)
        if stall and done > stall:
            at, stall = at + draw.uniform(1, 4), 0
        gathered += token
        if at >= due:
            yield _entry(Kind.TEXT, at, gathered, attempt)
            gathered, due = "", at + pause
    if gathered:
        yield _entry(Kind.TEXT, at, gathered, attempt)
    yield _entry(Kind.END, at + draw.choice([0.0, 0.0, 0.2]), "stop", attempt)


def _tokens(draw: random.Random, text: str) -> Iterator[str]:
    """About four letters each, so that a word may come in pieces."""
    at = 0
    while at < len(text):
        size = draw.choice([2, 3, 4, 5, 6, 8, 10])
        yield text[at : at + size]
        at += size


def _entry(kind: Kind, at: float, text: str, attempt: int) -> Entry:
    return Entry(f"{round(at * 1000)}-0", attempt, kind, text)
