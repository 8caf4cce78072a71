"""The rules. A new one is a file here, and a line below."""

from ratings.core.suspicion.rule import Rule
from ratings.core.suspicion.rules import (
    agendas,
    alike,
    favours,
    pace,
    pairs,
    repeats,
    rings,
    sides,
    steady,
    surprise,
)

RULES: tuple[Rule, ...] = (
    favours.RULE,
    surprise.RULE,
    pairs.RULE,
    pace.RULE,
    steady.RULE,
    sides.RULE,
    repeats.RULE,
    rings.RULE,
    agendas.RULE,
    alike.RULE,
)
