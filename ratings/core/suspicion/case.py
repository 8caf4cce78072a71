"""One voter before the rules: the votes, the arena, and what several rules need of both."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ratings.core.suspicion.leaning import Lean, e_value
from ratings.core.suspicion.record import LOSS, WIN, Field, Record
from ratings.core.suspicion.tastes import Foreseen, foresee


@dataclass(frozen=True, eq=False)
class Case:
    record: Record
    field: Field

    @cached_property
    def foreseen(self) -> dict[int, Foreseen]:
        """For each model the voter judged, what an honest voter would have said."""
        found = {}
        for model in map(int, self.record.models()):
            votes = self.record.of(model)
            gaps = self.field.gaps(self.record, model, votes)
            results = self.record.results(model, votes)
            found[model] = foresee(gaps, self.field.tie, results)
        return found

    @cached_property
    def leanings(self) -> dict[Lean, float]:
        """The e-value of each model and direction by itself."""
        return {
            (model, favours): e_value(foreseen, favours)
            for model, foreseen in self.foreseen.items()
            for favours in (True, False)
        }

    @property
    def corrected_for(self) -> float:
        """How many models and directions are tested: a bet is spread over all of them."""
        return 2.0 * len(self.field.scores)

    def told(self, model: int, favours: bool) -> str:
        """How the votes on a model went, in words."""
        results = self.foreseen[model].results
        number = int(np.count_nonzero(results == (WIN if favours else LOSS)))
        which = "for" if favours else "against"
        return f"{number} of {len(results)} votes on {self.field.names[model]} were {which} it"
