"""The desk without a site: it keeps of each voter what the site keeps, and weighs whoever has new
votes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from heapq import nlargest
from operator import itemgetter

import numpy as np

from ratings.core.suspicion.agenda import agenda_of
from ratings.core.suspicion.fitting import fitted, without
from ratings.core.suspicion.leaning import Lean
from ratings.core.suspicion.pushing import BELONGS, LEAVES, Crowd, Push, belonging, pushes
from ratings.core.suspicion.record import Agenda, Circle, Field, Record
from ratings.core.suspicion.scoring import CLEARLY, HOLD, Score, keeping, score
from ratings.core.suspicion.texts import Keys, keys_of, numbered

from .boards import Board
from .world import Cast

MOST, PROMPTS, AGENDAS, OTHERS = 1_500, 400, 20, 200  # as the site reads them
NEAR = 0.0  # score from which voters are weighed again
HOUR = 3600.0


class Desk:
    """Holds the votes of voters with a high score."""

    def __init__(self, models: int) -> None:
        self.names = [f"Model {number}" for number in range(models)]
        self.board = Board(models)  # of the votes that count
        self.own = defaultdict[str, list[Cast]](list)
        self.scores: dict[str, Score] = {}
        self.agenda: dict[str, tuple[list[Lean], float]] = {}
        self.held: set[str] = set()
        self.pushing: set[str] = set()  # held as some of those who push a model together
        self.pushes: list[Push] = []
        self.seen: set[str] = set()  # who was held when voters were last weighed again
        self.weighed: dict[str, int] = {}  # how many of their votes
        self.keys = defaultdict[str, set[int]](set)
        self.askers = defaultdict[int, set[str]](set)  # by key

    def take(self, votes: Sequence[Cast]) -> None:
        for vote in votes:
            self.own[vote.voter].append(vote)
        self.board.add(vote for vote in votes if vote.voter not in self.held)
        self.weigh_all({vote.voter for vote in votes} - self.held)
        if self.held != self.seen:  # what the others were weighed against has changed
            self.seen = {*self.held}
            near = {name for name, found in self.scores.items() if found.value >= NEAR}
            self.weigh_all(near | self.held, again=True)
        self.look_for_pushes()

    def look_for_pushes(self) -> None:
        """Hold whoever belongs to those who push a model together; whoever is held for other
        reasons says nothing about a push."""
        names = [name for name in self.own if name in self.pushing or name not in self.held]
        usual = fitted(self.board.rows, len(self.names))
        crowd = crowd_of([self.own[name] for name in names])
        self.pushes = pushes(crowd, *usual, [push.lean for push in self.pushes])
        found = dict(zip(names, belonging(self.pushes, len(names)), strict=True))
        before, self.pushing = self.pushing, {
            name for name in names
            if found[name] >= (LEAVES if name in self.pushing else BELONGS)
        }  # fmt: skip
        for name in self.pushing - self.held:
            self.hold(name)
        for name in before - self.pushing:
            if not self.scores[name].reaches(HOLD):  # then nothing speaks for holding it
                self.let_go(name)

    def hold(self, name: str) -> None:
        self.held.add(name)
        self.board.add(self.own[name], -1)

    def let_go_if_clear(self, name: str) -> None:
        if name not in self.pushing and self.scores[name].value < HOLD - CLEARLY:
            self.let_go(name)

    def let_go(self, name: str) -> None:
        self.held.remove(name)
        self.board.add(self.own[name])

    def weigh_all(self, voters: Collection[str], again: bool = False) -> None:
        rows = self.board.rows
        usual = fitted(rows, len(self.names))
        for name in sorted(voters):
            self.weigh(name, rows, usual, again)

    def weigh(
        self, name: str, rows: np.ndarray, usual: tuple[np.ndarray, float], again: bool
    ) -> None:
        is_held = name in self.held
        if not is_held:  # else by what they were held for
            self.weighed[name] = len(self.own[name])
        votes = self.own[name][: self.weighed[name]][-MOST:]
        keys: list[Keys] = [()] * len(votes)
        keys[-PROMPTS:] = [
            () if vote.is_suggested else keys_in(vote.prompt) for vote in votes[-PROMPTS:]
        ]
        self.note(name, keys)
        of, n = record(votes, keys), len(self.names)
        left = rows if is_held else without(rows, of)
        scores, tie = usual if left is rows else fitted(left, n)
        total = left[:, 2:].sum(axis=1)
        plays = np.bincount(left[:, :2].ravel(), np.repeat(total, 2), n) / max(total.sum(), 1)
        others = self.agendas(name), self.circles(name)
        found = score(of, Field(scores, tie, plays, self.names, *others))
        if again:
            found = keeping(found, self.scores[name].reasons)
        self.scores[name] = found
        if leans := agenda_of(found.leanings):
            self.agenda[name] = leans, found.value
        else:
            self.agenda.pop(name, None)
        if is_held:
            self.let_go_if_clear(name)
        elif found.reaches(HOLD):
            self.hold(name)

    def note(self, name: str, keys: Sequence[Keys]) -> None:
        self.keys[name] |= {key for each in keys for key in each}
        for key in self.keys[name]:
            self.askers[key].add(name)

    def agendas(self, name: str) -> list[Agenda]:
        others = [found for other, found in self.agenda.items() if other != name]
        return Agenda.gathered(nlargest(AGENDAS, others, key=itemgetter(1)))

    def circles(self, name: str) -> list[Circle]:
        mine, first = self.keys[name], self.own[name][0].at
        shared = Counter(other for key in mine for other in self.askers[key] if other != name)
        asking = [
            other
            for other, same in shared.items()
            if same >= max(3, 0.3 * min(len(self.keys[other]), len(mine)))
        ]
        near = [
            other for other in self.scores
            if other != name and abs(self.own[other][0].at - first) < HOUR
        ]  # fmt: skip
        found = [
            Circle("ask nearly the same", self.leanings(asking), 100.0),
            Circle("came in the same hour", self.leanings(near), 10.0),
        ]
        return [circle for circle in found if circle.others]

    def leanings(self, voters: Sequence[str]) -> list[dict[Lean, float]]:
        return [self.scores[name].leanings for name in voters if name in self.scores][:OTHERS]


def crowd_of(voters: Sequence[Sequence[Cast]]) -> Crowd:
    """In the order in which they came."""
    votes = [vote for own in voters for vote in own]
    return Crowd(
        np.repeat(np.arange(len(voters)), [*map(len, voters)]),
        np.array([vote.a for vote in votes]),
        np.array([vote.b for vote in votes]),
        np.array([vote.verdict for vote in votes]),
        np.array([vote.at for vote in votes]),
        np.array([own[0].at for own in voters]),
        np.zeros(len(voters), dtype=bool),
    )


@cache
def keys_in(prompt: str) -> Keys:
    return keys_of(prompt)


def record(votes: Sequence[Cast], keys: Sequence[Keys]) -> Record:
    def column(name: str, kind: type = float) -> np.ndarray:
        return np.array([getattr(vote, name) for vote in votes], dtype=kind)

    rng = np.random.default_rng(int(1000 * votes[0].at))
    return Record(
        column("a", int), column("b", int), column("verdict", int), column("at"),
        column("seconds"), column("words"), numbered(keys), rng.random(len(votes)),
    )  # fmt: skip
