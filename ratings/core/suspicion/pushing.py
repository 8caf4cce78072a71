"""A model that is pushed by many together, each of whom does little.

None of them stands out, but together they do: from somebody on, until now or until somebody, a
share of those who came decide for one model, or against it, in nearly all their votes on it. That
is compared with what honest voters may have done: nothing has changed, or everybody who came since
sees the model better, or worse. Whichever it is, a few honest voters are devoted, whenever they
came, and vote as if they pushed the model. When it began and ended, the shares, and how honest
voters see the model, are unknown, so all are tried (a change-point test of a mixture; Page,
"Continuous inspection schemes", Biometrika 41, 1954, with means over the unknowns in place of
maxima).

Whether a voter belongs is a posterior probability then: five votes of five are weak evidence by
themselves, and strong where every fifth newcomer is known to push that model. Who came after the
last of them does not belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray, ReadOnly
from ratings.core.data.scale import POINTS_PER_NAT
from ratings.core.suspicion.leaning import NEARLY, Lean
from ratings.core.suspicion.record import FOR_A, LOSS
from ratings.core.suspicion.scoring import CLEARLY
from ratings.core.suspicion.tastes import log_prior, said_with

SHARES = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])  # of the newcomers, who push
# How honest voters may see a model: by so many points better, with tastes so much wider.
WAYS = [(moved, wider) for moved in range(-300, 301, 50) for wider in (1.0, 1.5)]
PRIORS = np.exp(np.column_stack([log_prior(*way) for way in WAYS]))
DEVOTED = np.array([0.003, 0.01, 0.03])  # of the honest voters, who vote as if they pushed it
FOUND = 1.5  # strength from which a model is pushed
OVER = FOUND - CLEARLY  # and below which it is not any more
BELONGS, LEAVES = 0.8, 0.6  # probabilities from which votes are held, and below which they count
KNOWN = 50  # votes on a model before a push, without which it is new
MOST = 3  # pushes at once


@dataclass(frozen=True, eq=False)
class Crowd(ReadOnly):
    """N votes of V voters, who are numbered in the order in which they came.

    Attributes:
        voter, a, b, verdict, at: (N,) the voter, and as in `Record`; sorted by voter.
        first: (V,) when each of them came, in seconds.
        trusted: (V,) whom a moderator has counted again: they don't push.
    """

    voter: IntArray
    a: IntArray
    b: IntArray
    verdict: IntArray
    at: FloatArray
    first: FloatArray
    trusted: BoolArray

    def without(self, voters: BoolArray) -> Crowd:
        """The same voters, some of them without their votes."""
        kept = ~voters[self.voter]
        columns = ("voter", "a", "b", "verdict", "at")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})


@dataclass(frozen=True, eq=False)
class Push:
    """A model, and who pushes it.

    Attributes:
        lean: the model, and whether it is favoured.
        since: when the first newcomer came.
        share: of the newcomers who push, about.
        strength: power of ten by which this explains the votes better than all honest ways do,
            corrected for how many models and directions were looked at.
        is_known: there were votes on the model before. Of a new one nobody can tell whether it is
            pushed or liked.
        belongs: (V,) probability that each voter is one of those who push.
    """

    lean: Lean
    since: float
    share: float
    strength: float
    is_known: bool
    belongs: FloatArray


def belonging(pushes: Iterable[Push], voters: int) -> FloatArray:
    """(V,) how likely each voter is one of those who push some model that was known before."""
    known = [push.belongs for push in pushes if push.is_known]
    found: FloatArray = np.max([np.zeros(voters), *known], axis=0)
    return found


def pushes(
    crowd: Crowd, scores: FloatArray, tie: float, going_on: Iterable[Lean] = ()
) -> list[Push]:
    """The strongest first; each without the votes of those who push the stronger ones. Those found
    before are `going_on`."""
    found, known = list[Push](), {*going_on}
    while len(found) < MOST and len(crowd.voter):
        enough = [
            push
            for push in _all(crowd, scores, tie)
            if push.strength >= (OVER if push.lean in known else FOUND)
        ]
        if not enough:
            break
        found.append(max(enough, key=lambda push: push.strength))
        known.discard(found[-1].lean)
        crowd = crowd.without(found[-1].belongs >= BELONGS)
    return found


def _all(crowd: Crowd, scores: FloatArray, tie: float) -> Iterator[Push]:
    tests = np.log10(2.0 * len(scores))
    for model in np.unique([crowd.a, crowd.b]):
        seen = Seen.of(crowd, int(model), scores, tie)
        for favours in (True, False):
            yield seen.pushed(favours, tests)


@dataclass(frozen=True, eq=False)
class Seen:
    """One model before the m voters who voted on it.

    Attributes:
        voters: (m,) who.
        results, at: of all their votes on it, sorted by voter. begins: (m,) where those of each
            begin.
        honest: (m, D) log-likelihoods, by how honest voters see it (`WAYS`).
    """

    crowd: Crowd
    model: int
    voters: IntArray
    results: IntArray
    at: FloatArray
    begins: IntArray
    honest: FloatArray

    @classmethod
    def of(cls, crowd: Crowd, model: int, scores: FloatArray, tie: float) -> Seen:
        at = np.flatnonzero((crowd.a == model) | (crowd.b == model))
        is_a = crowd.a[at] == model
        for_a = FOR_A[crowd.verdict[at]]
        results = np.where(is_a, for_a, LOSS - for_a)
        other = np.where(is_a, crowd.b[at], crowd.a[at])
        gaps = np.nan_to_num((scores[model] - scores[other]) / POINTS_PER_NAT)
        voters, begins = np.unique(crowd.voter[at], return_index=True)
        said = np.add.reduceat(np.log(said_with(gaps, tie, results)), begins)
        top = said.max(axis=1, keepdims=True)
        honest = np.log(np.exp(said - top) @ PRIORS) + top
        return cls(crowd, model, voters, results, crowd.at[at], begins, honest)

    def pushed(self, favours: bool, tests: float) -> Push:
        nearly = np.log(NEARLY if favours else NEARLY[::-1])
        pushing = np.add.reduceat(nearly[self.results], self.begins)[:, None, None]
        usual = np.logaddexp(  # (m, D, E) of honest voters, some of whom are devoted
            np.log(1 - DEVOTED) + self.honest[..., None], np.log(DEVOTED) + pushing
        )
        trusted = self.crowd.trusted[self.voters, None, None]
        told = np.where(trusted, -np.inf, pushing - usual)  # at most 1 / DEVOTED
        mixed = np.log(1 - SHARES + SHARES * np.exp(told)[..., None])
        ways = usual.sum(axis=0)[..., None] + _begun(mixed)
        k, way, devoted, share = np.unravel_index(int(np.argmax(ways)), ways.shape)
        odds = SHARES[share] / (1 - SHARES[share]) * np.exp(told[:, way, devoted])
        last = int(np.argmax(np.cumsum(mixed[k:, way, devoted, share])))
        during = slice(k, k + 1 + last)
        belongs = np.zeros(len(self.crowd.first))
        belongs[self.voters[during]] = (odds / (1 + odds))[during]
        since = float(self.crowd.first[self.voters[k]])
        return Push(
            (self.model, favours),
            since=since,
            share=float(SHARES[share]),
            strength=float((_mean(ways) - _explained(usual)) / np.log(10) - tests),
            is_known=bool((self.at < since).sum() >= KNOWN),
            belongs=belongs,
        )


def _explained(usual: FloatArray) -> float:
    """Log-likelihood of the better honest way, each being a mean over what is unknown: all see
    the model as ever, or all who came since some voter otherwise."""
    before = _summed(usual)
    since = before[-1] - before
    changed = logsumexp(before, axis=1) + logsumexp(since, axis=1) - 2 * np.log(len(WAYS))
    return max(_mean(before[-1]), _mean(changed))


def _begun(mixed: FloatArray) -> FloatArray:
    """(m, ...) how much likelier the votes are if it began with each of m voters, in logarithms:
    and goes on, or has ended with any later one, with even odds."""
    so_far = np.cumsum(mixed, axis=0)
    ended = np.logaddexp.accumulate(so_far[::-1], axis=0)[::-1] - np.log(len(mixed))
    found: FloatArray = np.logaddexp(so_far[-1], ended) - np.log(2.0) - (so_far - mixed)
    return found


def _summed(logs: FloatArray) -> FloatArray:
    """(m + 1, ...) sums of the first none, one, two ... of m."""
    return np.concatenate([np.zeros((1, *logs.shape[1:])), np.cumsum(logs, axis=0)])


def _mean(logs: FloatArray) -> float:
    return float(logsumexp(logs) - np.log(logs.size))
