"""What a rule is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from ratings.core.suspicion.case import Case


@dataclass(frozen=True)
class Found:
    """What a rule found.

    Attributes:
        e_value: corrected for everything that was looked for.
        reason: what it rests on, in words.
        alone: the e-value of that reason by itself, if others were looked for as well.
    """

    e_value: float = 1.0
    reason: str = ""
    alone: float | None = None

    @property
    def speaks(self) -> bool:
        """Whether it makes rigging likelier, by a factor of two at least."""
        return (self.e_value if self.alone is None else self.alone) >= 2.0


@dataclass(frozen=True)
class Rule:
    """One way to look at a voter's votes.

    Attributes:
        name: under which its findings are stored; never changed.
        title: in words.
        looks_at: what it reads of the votes. What rules find that read the same is not independent:
            they share one bet.
        weigh: the rule itself.
        stake: what it puts of that bet on rigging. The rest is kept, which bounds how much the rule
            can speak for a voter.
        most: e-value that is believed of it at most.
        lapses: some of what it reads is forgotten within hours, such as networks.
    """

    name: str
    title: str
    looks_at: str
    weigh: Callable[[Case], Found]
    stake: float = 0.2
    most: float = 100.0
    lapses: bool = False
