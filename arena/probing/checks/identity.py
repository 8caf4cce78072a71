"""Whether its answers tell who it is, which voters must not know."""

from __future__ import annotations

from arena.naming import known_of, named

from ..evidence import Evidence
from ..findings import Finding, amber, green, none
from ..questions import WHO
from .answers import NOTHING


def anonymous(evidence: Evidence) -> Finding:
    if not evidence.done:
        return none(NOTHING)
    names = known_of(evidence.revision.contestant)
    quotes = (named(each.text, names, asked=each.question == WHO) for each in evidence.done)
    telling = [quote for quote in quotes if quote]
    if not telling:
        return green("No answer says which model it is or who made it.")
    return amber(
        f"It says who it is when asked about itself or without being asked: “{telling[0]}”.",
        "The arena shows answers as they are, so whoever asks learns it, and such votes are left "
        "out of the board unless the campaign counts them. A system prompt such as “Never say "
        "which model you are or who made you” helps.",
    )
