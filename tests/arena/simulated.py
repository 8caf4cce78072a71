"""Battles of a quick and a slow side as streams of entries, and pages that show them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from arena.models import Side
from arena.showing.turn import LiveTurn, Position
from inference.contract.streams import Entry, Kind
from tests.live.volunteer import put

LOOK_S = 1 / 16  # between two looks at the page [s]
NEVER = 1e9
EVERYTHING = 10**6  # words
VOCABULARY = (
    ("a to the and of it was so quick light keeper answer because whale lighthouse ")
    + ("international configuration extraordinary unbelievably")
).split()
Texts = dict[Side, str]


@dataclass
class Battle:
    """Both streams, and what happens to the page."""

    quick: Side
    texts: Texts
    entries: list[tuple[Side, Entry]]
    reload: float  # [s]
    stop: float  # [s]; beyond the end: never
    vote: float = NEVER  # [s], by whom claims to have read all that may have arrived


@dataclass
class Seen:
    """What a viewer saw: what both panes showed, and when."""

    texts: Texts  # the final texts
    frames: list[tuple[float, str, str]] = field(default_factory=list)
    reloaded: tuple[int, int] = (0, 0)  # growth of each pane on reload
    jumped: tuple[int, int] = (0, 0)  # and when it was stopped
    taken: float = NEVER  # when follow-ups were first accepted
    votable: float = NEVER  # when a vote was
    voted: tuple[int, int] = (0, 0)  # by how much the texts of an early vote exceed both panes


class Page(Protocol):
    """Shows both panes as visible at a given time."""

    def absorb(self, side: Side, entry: Entry) -> None: ...
    def look(self, now: float) -> tuple[str, str]: ...
    def stopped(self) -> tuple[str, str]: ...
    def voted(self, now: float) -> tuple[str, str]: ...
    def loaded_again(self, entries: list[tuple[Side, Entry]], now: float) -> Page: ...
    def is_over(self, now: float) -> bool: ...
    def takes_follow_up(self, now: float) -> bool: ...


class OurPage:
    """The frames that we send, applied as the browser does."""

    def __init__(self, position: Position | None = None) -> None:
        self.live = LiveTurn(position)
        self.blocks: dict[str, list[str]] = {"A": [], "B": []}
        self.at = Position()

    def absorb(self, side: Side, entry: Entry) -> None:
        self.live.absorb(side, entry)

    def look(self, now: float) -> tuple[str, str]:
        if frame := self.live.frame(now):
            for pane in frame["panes"]:
                put(self.blocks[pane["side"]], pane)
            self.at = Position.parse(frame["at"])
        return visible(self.blocks["A"]), visible(self.blocks["B"])

    def stopped(self) -> tuple[str, str]:
        a, b = (pane.words.first(self.at.words) for pane in self.live.panes.values())
        return a, b

    def voted(self, now: float) -> tuple[str, str]:
        """What is stored for a voter who claims to have read everything; nothing: it is refused."""
        words = self.live.seen_by(Position(self.live.attempts, EVERYTHING), now)
        a, b = (pane.words.first(words).strip() for pane in self.live.panes.values())
        return a, b

    def loaded_again(self, entries: list[tuple[Side, Entry]], now: float) -> OurPage:
        page = type(self)(self.at)
        page.blocks, page.at = self.blocks, self.at
        for side, entry in entries:
            page.absorb(side, entry)
        return page

    def is_over(self, now: float) -> bool:
        return self.live.all_seen(now)

    def takes_follow_up(self, now: float) -> bool:
        return self.live.complete(now)


class PageContinuedEarly(OurPage):
    """The first version: follow-ups are accepted as soon as both answers are complete."""

    def takes_follow_up(self, now: float) -> bool:
        return all(pane.stored for pane in self.live.panes.values())


class PageInStep:
    """The first version: each side up to the other's length, and all of it once the other has
    ended."""

    def __init__(self) -> None:
        self.text = {Side.A: "", Side.B: ""}
        self.ended: set[Side] = set()

    def absorb(self, side: Side, entry: Entry) -> None:
        self.text[side] += entry.text if entry.kind is Kind.TEXT else ""
        self.ended |= {side} if entry.kind is Kind.END else set()

    def look(self, now: float) -> tuple[str, str]:
        a, b = self.text[Side.A], self.text[Side.B]
        return (
            a if Side.B in self.ended else a[: len(b)],
            b if Side.A in self.ended else b[: len(a)],
        )

    def stopped(self) -> tuple[str, str]:
        return self.text[Side.A], self.text[Side.B]

    def voted(self, now: float) -> tuple[str, str]:
        return self.stopped()

    def loaded_again(self, entries: list[tuple[Side, Entry]], now: float) -> PageInStep:
        return self

    def is_over(self, now: float) -> bool:
        return len(self.ended) == 2

    def takes_follow_up(self, now: float) -> bool:
        return self.is_over(now)


def visible(blocks: list[str]) -> str:
    return re.sub(r"<[^>]+>", "", "".join(blocks)).strip()


def battles(number: int, seed: int) -> Iterator[Battle]:
    for n in range(number):
        draw = random.Random(f"{seed}.{n}")
        slow = draw.uniform(4, 20)  # words a second
        speeds = slow * draw.uniform(1.5, 8), slow
        texts = {side: some_text(draw) for side in Side}
        manners = draw.choice(MANNERS), draw.choice(MANNERS)
        reload, stop = draw.uniform(1, 15), draw.choice([NEVER, NEVER, draw.uniform(1, 12)])
        vote = draw.uniform(0.1, 12)
        for quick in Side:
            entries: list[tuple[Side, Entry]] = []
            for which, side in enumerate((quick, quick.other)):
                fresh = random.Random(f"{seed}.{n}.{which}")
                written = list(manners[which](fresh, texts[side], speeds[which]))
                entries += [(side, each) for each in written]
                entries.append((side, entry(Kind.STORED, written[-1].at + 0.05)))
            entries.sort(key=lambda each: each[1].at)
            yield Battle(quick, texts, entries, reload, stop, vote)


def some_text(draw: random.Random) -> str:
    length = int(draw.choice([draw.uniform(3, 20), draw.uniform(20, 80), draw.uniform(80, 160)]))
    return " ".join(draw.choice(VOCABULARY) for _ in range(length)) + "."


def smoothly(draw: random.Random, text: str, pace: float) -> Iterator[Entry]:
    """Word by word, each taking time in proportion to its length."""
    at = draw.uniform(0.1, 0.6)
    for word in text.split(" "):
        at += max(0.01, draw.gauss(1, 0.2)) * (0.6 + len(word) / 12) / pace
        yield entry(Kind.TEXT, at, word + " ")
    yield entry(Kind.END, at + draw.choice([0.0, 0.0, 0.2]))


def in_bursts(draw: random.Random, text: str, pace: float) -> Iterator[Entry]:
    """A second's words at a time."""
    yield from together(list(smoothly(draw, text, pace)), every=1.0)


def with_a_stall(draw: random.Random, text: str, pace: float) -> Iterator[Entry]:
    """With a pause of some seconds somewhere."""
    entries = list(smoothly(draw, text, pace))
    after, stall = draw.uniform(0.2, 1) * entries[-1].at, draw.uniform(1, 4)
    for each in entries:
        yield entry(each.kind, each.at + (stall if each.at > after else 0.0), each.text)


def begun_anew(draw: random.Random, text: str, pace: float) -> Iterator[Entry]:
    """Its worker dies, and another starts over."""
    entries = list(smoothly(draw, text, pace))
    died = draw.uniform(0.3, 0.9) * entries[-1].at
    yield from (each for each in entries if each.at < died)
    for each in entries:
        yield entry(each.kind, died + 6 + each.at, each.text, attempt=2)


MANNERS = (smoothly, smoothly, in_bursts, with_a_stall)


def together(entries: list[Entry], every: float) -> Iterator[Entry]:
    for at, some in groupby(entries, key=lambda each: (each.at // every + 1) * every):
        yield entry(Kind.TEXT, at, "".join(e.text for e in some if e.kind is Kind.TEXT))
    yield entry(Kind.END, at)


def entry(kind: Kind, at: float, text: str = "", attempt: int = 1) -> Entry:
    return Entry(f"{round(at * 1000)}-0", attempt, kind, text or "stop")


def watch(battle: Battle, page: Page) -> Seen:
    """What a viewer sees who reloads the page once, and may stop the battle. An early vote would be
    the end of it: here it goes on as if it had not been cast."""
    seen, coming, past, now = Seen(battle.texts), list(battle.entries), [], 0.0
    shown, reload, vote = ("", ""), battle.reload, battle.vote
    while (coming or not page.is_over(now)) and now < battle.stop:
        now += LOOK_S
        while coming and coming[0][1].at <= now:
            past.append(coming.pop(0))
            page.absorb(*past[-1])
        before, shown = shown, page.look(now)
        if page.takes_follow_up(now):
            seen.taken = min(seen.taken, now)
        if all(page.voted(now)):
            seen.votable = min(seen.votable, now)
        if now > vote:
            seen.voted, vote = growth(shown, page.voted(now)), NEVER
        if now > reload:
            page, reload = page.loaded_again(past, now), NEVER
            shown = page.look(now)
            seen.reloaded = growth(before, shown)
        if shown != before:
            seen.frames.append((now, *shown))
    if now >= battle.stop:
        seen.texts = dict(zip(Side, page.stopped(), strict=True))
        seen.jumped = growth(shown, (seen.texts[Side.A], seen.texts[Side.B]))
    return seen


def growth(before: tuple[str, str], after: tuple[str, str]) -> tuple[int, int]:
    return len(after[0]) - len(before[0]), len(after[1]) - len(before[1])
