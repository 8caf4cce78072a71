"""Votes by the same voter are correlated: what that adds to the scatter of independent votes.

The sandwich then needs each voter's scores summed first (Liang and Zeger, Biometrika 73, 1986).
With few voters, or some who cast much of all votes, that alone is too small, in two ways:

* The scores have moved towards the voter's own votes. Without a voter who cast a share h of all,
  spread like everybody's, the scores' error would be 1 / (1 - h) times as large: the jackknife of
  whole voters ("CR3": Bell and McCaffrey, Survey Methodology 28, 2002), without a fit for each.
  If all cast equally many votes, it is the usual factor V / (V - 1).
* The scatter is itself estimated, from as many independent values as there are voters, so
  intervals take the quantiles of Student's t. If some vote more than others, the voters count as
  (sum w)^2 / sum w^2 equally active ones (Kish 1965; Carter, Schnepel and Steigerwald, Review of
  Economics and Statistics 99, 2017).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtr, ndtri, stdtrit

from ratings.core.data.arrays import BoolArray, FloatArray, ReadOnly
from ratings.core.data.errors import NotEnoughDataError
from ratings.core.data.validation import LARGE

FEWEST_FREEDOM = 1.0
ROWS_PER_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Clustering(ReadOnly):
    """What the correlation of votes by the same voter adds. Of no single voter.

    Attributes:
        excess: (k, k) added to the summed outer products of the votes' scores, natural-log units;
            rows sum to zero over the scores, which come first.
        votes: their weight. voters: how many cast them; effective: how many equally active voters
            they count as.
    """

    excess: FloatArray
    votes: float
    voters: int
    effective: float

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the scatter."""
        return max(self.effective - 1.0, FEWEST_FREEDOM)

    def of_all(self, rated: BoolArray) -> "Clustering":
        """From the rated models to all (n,): zero for the others."""
        places = np.append(np.flatnonzero(rated), np.arange(len(rated), self._most(rated)))
        full = np.zeros((self._most(rated),) * 2)
        full[np.ix_(places, places)] = self.excess
        return replace(self, excess=full)

    def _most(self, rated: BoolArray) -> int:
        return len(rated) + len(self.excess) - int(rated.sum())

    def among(self, rated: BoolArray, k: int) -> FloatArray:
        """(k, k) excess of the rated models and, if k is more, the tie parameter, from that of all
        (n,) models. Those that were not rated yet get zero."""
        known = np.flatnonzero(rated)
        if k > len(known) and len(self.excess) > len(rated):
            known = np.append(known, len(rated))
        part = np.zeros((k, k))
        part[: len(known), : len(known)] = self.excess[np.ix_(known, known)]
        return balanced(part, int(rated.sum()))

    def rounded(self, digits: int = 3) -> "Clustering":
        """To so many digits: enough for any interval, and too few to find out whose votes add up
        to them."""
        n = len(self.excess)
        few = np.array([float(f"{x:.{digits}g}") for x in self.excess.ravel()]).reshape(n, n)
        return replace(self, excess=few, effective=float(f"{self.effective:.{digits}g}"))

    def scaled(self, votes: float) -> "Clustering":
        """For fewer votes, of whatever voters."""
        share = min(1.0, votes / self.votes)
        return replace(self, excess=share * self.excess)

    def students(self, deviations: float) -> float:
        """A normal quantile as that of Student's t with the same tail."""
        return float(-stdtrit(self.freedom, float(ndtr(-deviations))))

    def widening(self, level: float) -> float:
        """What standard errors are multiplied by, so that normal intervals of this level are those
        of Student's t."""
        normal = float(ndtri(0.5 + level / 2))
        return self.students(normal) / normal


def clustering(scores: csr_array, weights: FloatArray, independent: FloatArray) -> Clustering:
    """Compare the scatter of voters with that of their votes.

    Args:
        scores: (V, k) each voter's summed score vector; weights: (V,) of the voter's votes.
        independent: (k, k) summed outer products of the votes' scores.

    Raises:
        NotEnoughDataError: fewer than two voters.
    """
    voters = int((weights > 0).sum())
    if voters < 2:
        raise NotEnoughDataError("Clustering by voter needs votes of at least two voters.")
    share = weights / weights.sum()
    meat = outer_products(scores, 1.0 / (1.0 - share)) * ((voters - 1) / voters)
    total = float(weights.sum())
    return Clustering(meat - independent, total, voters, effective_number(share))


def effective_number(share: FloatArray) -> float:
    """How many equally active voters those with (V,) shares of the votes count as."""
    return float(1.0 / (share**2).sum())


def balanced(excess: FloatArray, n: int) -> FloatArray:
    """The (k, k) excess with rows that sum to zero over the n scores again, after some were dropped
    or rounded: as if votes against models that were dropped had not been cast."""
    scores = excess[:n, :n]
    scores[np.diag_indices(n)] -= scores.sum(axis=1)
    excess[:n, n:] -= excess[:n, n:].mean(axis=0)
    excess[n:, :n] = excess[:n, n:].T
    return excess


def outer_products(rows: csr_array, factors: FloatArray) -> FloatArray:
    """Sum of the outer products of (V, k) rows, each times a factor, (V,); (k, k)."""
    n, k = rows.shape
    if k > LARGE:
        grown = csr_array(rows * factors[:, None])
        return (grown.T @ grown).toarray()
    total = np.zeros((k, k))
    for start in range(0, n, ROWS_PER_BLOCK):
        part = slice(start, start + ROWS_PER_BLOCK)
        # Dense: for all but voters with very few votes that is many times as fast.
        block = rows[part].toarray() * factors[part, None]
        total += block.T @ block
    return total
