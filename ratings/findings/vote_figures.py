"""Figures of single votes: when they were cast, whether voters agree, and which side they prefer.

All of it was computed for the newest publication (`vote_facts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from arena.plurals import counted

from ..archive.votes_file import OUTCOMES
from ..charts import Column, Columns, Figure, Linear, Whisker, Whiskers
from ..core.questions.agreement import VerdictShares, verdict_shares
from ..facts import Agreement, Alpha, Period, VoteFacts
from ..presentation import sentences

KINDS = {
    "nominal": ("Same verdict or not", "a tie is as far from a win as a loss is"),
    "ordinal": ("A tie counts as in between", "a win and a loss are furthest apart"),
}
NAMES = {"day": "{:%-d %b %Y}", "week": "the week of {:%-d %b %Y}", "month": "{:%B %Y}"}
SHORT = {"day": "{:%-d %b %y}", "week": "{:%-d %b %y}", "month": "{:%b %Y}"}
COUNTED = "Counted when the newest snapshot was published."


def over_time(votes: VoteFacts) -> Figure:
    """Number of votes over time."""
    unit, periods, undated = votes.pace.unit, votes.pace.periods, votes.pace.undated
    both = any(one.cast for one in periods) and any(one.brought for one in periods)
    return Figure(
        "over-time",
        busiest(unit, periods) if periods else "When these votes were cast is not known.",
        f"Votes in each {unit}, by UTC" + (": cast here, and imported." if both else "."),
        (unit.capitalize() + " beginning", "Cast here", "Imported"),
        periods,
        "columns",
        Columns.draw(
            [column(unit, both, *period) for period in periods],
            "Votes",
            ("cast here", "imported") if both else (),
        )
        if periods
        else None,
        absent=f"These votes came without a plausible date: {undated:,} of them."
        if undated
        else "Votes aggregated per pair have no dates.",
        note=f"{counted(undated, 'more vote')} came without a plausible date. {COUNTED}"
        if undated
        else COUNTED,
    )


def busiest(unit: str, periods: Sequence[Period]) -> str:
    total = sum(one.cast + one.brought for one in periods)
    if len(periods) == 1:
        return f"All votes were cast in one {unit}: {total:,}."
    start, cast, brought = max(periods, key=lambda one: one.cast + one.brought)
    name = NAMES[unit].format(date.fromisoformat(start))
    return (
        f"{total:,} votes in {len(periods)} {unit}s; the busiest, {name}, has "
        f"{sentences.percent((cast + brought) / total)} of them."
    )


def column(unit: str, both: bool, start: str, cast: int, brought: int) -> Column:
    day = date.fromisoformat(start)
    words = f"{NAMES[unit].format(day)}: {counted(cast + brought, 'vote')}"
    if both:
        words += f", {cast:,} of them cast here"
    return Column(SHORT[unit].format(day), (cast, brought) if both else (cast + brought,), words)


def agreement(votes: VoteFacts) -> Figure:
    """Do voters agree on the same two answers?"""
    found = votes.agreement
    items, judgements = found.items, found.judgements
    drawn = [whisker for kind in KINDS if (whisker := alpha_of(kind, found)) is not None]
    title = "Too few answers were judged by two voters to tell whether voters agree."
    if drawn:
        title = sentences.of_agreement(drawn[0].low, drawn[0].high)
    return Figure(
        "agreement",
        title,
        "Krippendorff’s alpha with 95% interval"
        + (f", from {judgements:,} judgements of {items:,} pairs of answers" if items else "")
        + "; 0 is what chance gives, 1 perfect agreement.",
        ("Verdicts compared", "Alpha", "Lower", "Upper"),
        [(w.name, f"{w.value:.3f}", f"{w.low:.3f}", f"{w.high:.3f}") for w in drawn],
        "whiskers",
        Whiskers.draw(drawn, Linear(min(0.0, *(w.low for w in drawn)), 1)) if drawn else None,
        absent=few_judged(items),
        note=f"Tastes differ: people may disagree and both be right. {COUNTED}",
    )


def alpha_of(kind: str, found: Agreement) -> Whisker | None:
    """None when it could not be measured, as when all judgements are the same."""
    value, low, high = getattr(found, kind) or Alpha(None, None, None)
    if value is None or low is None or high is None:
        return None
    name, note = KINDS[kind]
    return Whisker(name, value, low, high, note=note)


def few_judged(items: int) -> str:
    said = {0: "No pair of answers was", 1: "Only one pair of answers was"}
    start = said.get(items, f"Only {items} pairs of answers were")
    return f"{start} judged by two voters. Campaigns of prepared answers show some to several."


def left_side(votes: VoteFacts) -> Figure:
    """Do voters prefer a side? Sides are drawn at random, so they should not."""
    found = verdicts_by_side(votes)
    title = "The sides of these votes are not known."
    if found and found.decided:
        fair = found.left_lower <= 0.5 <= found.left_upper
        title = f"The left side got {100 * found.left:.1f}% of decided votes: " + (
            "chance explains that." if fair else "more than chance explains."
        )
    rows = [(f"{name}", f"{value:.3f}") for name, value in shares_of(found)] if found else []
    drawing = None
    if found and found.decided:
        middle, low, high = (100 * n for n in (found.left, found.left_lower, found.left_upper))
        left = Whisker("Left side", middle, low, high, note=counted(found.decided, "vote"))
        drawing = Whiskers.draw([left], Linear.around((40, 60, low, high), 0), level=50)
    return Figure(
        "left-side",
        title,
        "Percentage of decided votes that went to the left side, with 95% interval; 50 without "
        "bias.",
        ("Measure", "Value"),
        rows,
        "whiskers",
        drawing,
        absent="Votes aggregated per pair do not record which model was on the left.",
        note=COUNTED,
    )


def shares_of(found: VerdictShares) -> list[tuple[str, float]]:
    return [
        ("Left side, of decided", found.left),
        ("Lower", found.left_lower),
        ("Upper", found.left_upper),
        ("Ties", found.ties),
        ("Both bad", found.both_bad),
    ]


def verdicts_by_side(votes: VoteFacts) -> VerdictShares | None:
    counts = votes.verdicts
    seen = [OUTCOMES[verdict] for verdict in counts]
    return verdict_shares(np.repeat(seen, list(counts.values()))) if seen else None
