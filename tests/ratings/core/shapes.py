"""Hypothesis strategies and simulated votes shared by the tests of the ratings library."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from ratings.core import Tallies

Array = NDArray[Any]


@dataclass(frozen=True)
class Votes:
    """Columns of votes, and the truth they were drawn from (natural-log units)."""

    a: Array
    b: Array
    verdict: Array
    strengths: Array

    @property
    def n_models(self) -> int:
        return len(self.strengths)

    def tallies(self, **columns: Any) -> Tallies:
        return Tallies.from_votes(self.a, self.b, self.verdict, self.n_models, **columns)


def simulate(
    n_votes: int, n_models: int, seed: int = 0, *, ties: float = 0.3, spread: float = 0.7
) -> Votes:
    """Votes under Davidson's model with unequal play: popular models meet more often."""
    rng = np.random.default_rng(seed)
    strengths = rng.normal(0.0, spread, n_models)
    strengths -= strengths.mean()
    popular = rng.dirichlet(np.full(n_models, 5.0))
    a = rng.choice(n_models, n_votes, p=popular)
    b = (a + 1 + rng.choice(n_models - 1, n_votes)) % n_models
    return Votes(a, b, davidson_verdicts(rng, strengths[a] - strengths[b], ties), strengths)


def davidson_verdicts(rng: np.random.Generator, gap: Array, ties: float) -> Array:
    """One verdict for each gap; two equal models tie with probability `ties`."""
    nu = 2.0 * ties / (1.0 - ties)
    weights = np.stack([np.exp(gap / 2), np.exp(-gap / 2), np.full_like(gap, nu)])
    heights = np.cumsum(weights / weights.sum(axis=0), axis=0)
    verdicts: Array = (rng.random(len(gap)) > heights[:2]).sum(axis=0)
    return verdicts


@st.composite
def tallies(draw: st.DrawFn, max_models: int = 6, max_count: int = 20) -> Tallies:
    """Tallies of a connected arena: neighbours in a ring have beaten each other at least once."""
    n = draw(st.integers(2, max_models))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    ring = {tuple(sorted((i, (i + 1) % n))) for i in range(n)}
    count = st.integers(0, max_count)
    rows = [draw(st.tuples(count, count, count, count)) for _ in pairs]
    counts = np.array(rows, dtype=float)
    for row, pair in enumerate(pairs):
        if pair in ring:
            counts[row, :2] += 1
    return Tallies.from_counts(pairs, counts, n)
