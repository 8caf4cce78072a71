"""One voter before the rules: the votes, the arena, and what several rules need of both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ratings.core.data.arrays import BoolArray, FloatArray, IntArray
from ratings.core.suspicion.leaning import Lean, e_values
from ratings.core.suspicion.record import LOSS, WIN, Field, Record
from ratings.core.suspicion.tastes import said_by_honest

FEW = 16  # votes on a model up to which models are weighed together


@dataclass(frozen=True, eq=False)
class Block:
    """m models with about as many votes of one voter each, at most n, weighed at once.

    Attributes:
        models: (m,). at: (m, n) positions of the votes on each. there: (m, n) which of them are
            votes; the others fill up the rows.
        gaps: (m, n) by how much the model leads. results: (m, n) of the model.
    """

    models: IntArray
    at: IntArray
    there: BoolArray
    gaps: FloatArray
    results: IntArray


@dataclass(frozen=True, eq=False)
class Judged:
    """The n votes on one model.

    Attributes:
        at: their positions. results: of the model.
        said: chances that an honest voter says what was said, given the earlier votes on the model.
        path: (2, n) e-values after each vote that the voter favours the model, or hurts it.
    """

    at: IntArray
    results: IntArray
    said: FloatArray
    path: FloatArray


@dataclass(frozen=True, eq=False)
class Case:
    record: Record
    field: Field

    @cached_property
    def blocks(self) -> list[Block]:
        positions = {int(model): self.record.of(model) for model in self.record.models()}
        by_size: dict[int, list[int]] = {}
        for model, votes in positions.items():
            by_size.setdefault((max(FEW, len(votes)) - 1).bit_length(), []).append(model)
        return [
            self._block(np.array(models), [positions[model] for model in models])
            for models in by_size.values()
        ]

    def _block(self, models: IntArray, votes: list[IntArray]) -> Block:
        there = np.arange(max(map(len, votes))) < np.array([[*map(len, votes)]]).T
        at = np.zeros(there.shape, dtype=np.int64)
        at[there] = np.concatenate(votes)
        column = models[:, None]
        gaps = self.field.gaps(self.record, column, at)
        return Block(models, at, there, gaps, self.record.results(column, at))

    @cached_property
    def judged(self) -> dict[int, Judged]:
        """By model."""
        found = {}
        for block in self.blocks:
            said = said_by_honest(block.gaps, self.field.tie, block.results, block.there)
            paths = e_values(said, block.results, block.there)
            for row, model in enumerate(block.models):
                cut = slice(int(block.there[row].sum()))
                found[int(model)] = Judged(
                    block.at[row, cut], block.results[row, cut], said[row, cut], paths[:, row, cut]
                )
        return found

    @cached_property
    def leanings(self) -> dict[Lean, float]:
        """The e-value of each model and direction by itself."""
        return {
            (model, favours): float(path[-1])
            for model, judged in self.judged.items()
            for favours, path in zip((True, False), judged.path, strict=True)
        }

    @property
    def corrected_for(self) -> float:
        """How many models and directions are tested: a bet is spread over all of them."""
        return 2.0 * len(self.field.scores)

    def told(self, model: int, favours: bool) -> str:
        """How the votes on a model went, in words."""
        results = self.judged[model].results
        number = int(np.count_nonzero(results == (WIN if favours else LOSS)))
        which = "for" if favours else "against"
        return f"{number} of {len(results)} votes on {self.field.names[model]} were {which} it"
