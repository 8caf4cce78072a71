"""Figures of single votes: when they were cast, whether voters agree, and which side they prefer.

All of it was computed for the newest publication (`vote_facts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena import plurals
from arena.plurals import counted, local

from ..archive.votes_file import OUTCOMES
from ..charts import Column, Columns, Figure, Linear, Whisker, Whiskers
from ..core.questions.agreement import VerdictShares, verdict_shares
from ..facts import Agreement, Alpha, Period, VoteFacts
from ..presentation import sentences
from .periods import UNITS, Unit

KINDS = {
    "nominal": (
        gettext_lazy("Same verdict or not"),
        gettext_lazy("a tie is as far from a win as a loss is"),
    ),
    "ordinal": (
        gettext_lazy("A tie counts as in between"),
        gettext_lazy("a win and a loss are furthest apart"),
    ),
}
COUNTED = gettext_lazy("Counted when the newest snapshot was published.")


def over_time(votes: VoteFacts) -> Figure:
    """Number of votes over time."""
    unit, periods, undated = UNITS[votes.pace.unit], votes.pace.periods, votes.pace.undated
    both = any(one.cast for one in periods) and any(one.brought for one in periods)
    return Figure(
        "over-time",
        busiest(unit, periods) if periods else _("When these votes were cast is not known."),
        str(unit.here_and_imported if both else unit.measure),
        (str(unit.beginning), _("Cast here"), _("Imported")),
        periods,
        "columns",
        Columns.draw(
            [column(unit, both, *period) for period in periods],
            _("Votes"),
            (_("cast here"), _("imported")) if both else (),
        )
        if periods
        else None,
        absent=_("These votes came without a plausible date: %(votes)s of them.")
        % {"votes": local(f"{undated:,}")}
        if undated
        else _("Votes aggregated per pair have no dates."),
        note=" ".join([*([without_date(undated)] if undated else []), str(COUNTED)]),
    )


def without_date(undated: int) -> str:
    return ngettext(
        "%(votes)s more vote came without a plausible date.",
        "%(votes)s more votes came without a plausible date.",
        undated,
    ) % {"votes": local(f"{undated:,}")}


def busiest(unit: Unit, periods: Sequence[Period]) -> str:
    total = sum(one.cast + one.brought for one in periods)
    if len(periods) == 1:
        return unit.all_in_one % {"votes": local(f"{total:,}")}
    start, cast, brought = max(periods, key=lambda one: one.cast + one.brought)
    return unit.busiest(len(periods)) % {
        "votes": local(f"{total:,}"),
        "periods": len(periods),
        "period": unit.name_of(date.fromisoformat(start)),
        "share": sentences.percent((cast + brought) / total),
    }


def column(unit: Unit, both: bool, start: str, cast: int, brought: int) -> Column:
    day = date.fromisoformat(start)
    words = {"period": unit.name_of(day), "votes": counted(cast + brought, "vote")}
    said = _("%(period)s: %(votes)s") % words
    if both:
        said = _("%(period)s: %(votes)s, %(here)s of them cast here") % {
            **words,
            "here": local(f"{cast:,}"),
        }
    return Column(unit.brief_name_of(day), (cast, brought) if both else (cast + brought,), said)


def agreement(votes: VoteFacts) -> Figure:
    """Do voters agree on the same two answers?"""
    found = votes.agreement
    items, judgements = found.items, found.judgements
    drawn = [whisker for kind in KINDS if (whisker := alpha_of(kind, found)) is not None]
    title = _("Too few answers were judged by two voters to tell whether voters agree.")
    if drawn:
        title = sentences.of_agreement(drawn[0].low, drawn[0].high)
    return Figure(
        "agreement",
        title,
        measured(items, judgements),
        (_("Verdicts compared"), _("Alpha"), _("Lower"), _("Upper")),
        [(w.name, *(local(f"{n:.3f}") for n in (w.value, w.low, w.high))) for w in drawn],
        "whiskers",
        Whiskers.draw(drawn, Linear(min(0.0, *(w.low for w in drawn)), 1)) if drawn else None,
        absent=few_judged(items),
        note=_("Tastes differ: people may disagree and both be right.") + f" {COUNTED}",
    )


def alpha_of(kind: str, found: Agreement) -> Whisker | None:
    """None when it could not be measured, as when all judgements are the same."""
    value, low, high = getattr(found, kind) or Alpha(None, None, None)
    if value is None or low is None or high is None:
        return None
    name, note = KINDS[kind]
    return Whisker(str(name), value, low, high, note=str(note))


def measured(items: int, judgements: int) -> str:
    if not items:
        return _(
            "Krippendorff’s alpha with 95% interval; 0 is what chance gives, 1 perfect agreement."
        )
    return _(
        "Krippendorff’s alpha with 95%% interval, from %(judgements)s judgements of %(pairs)s "
        "pairs of answers; 0 is what chance gives, 1 perfect agreement."
    ) % {"judgements": local(f"{judgements:,}"), "pairs": local(f"{items:,}")}


def few_judged(items: int) -> str:
    if items:
        said = ngettext(
            "Only one pair of answers was judged by two voters.",
            "Only %(pairs)s pairs of answers were judged by two voters.",
            items,
        ) % {"pairs": items}
    else:
        said = _("No pair of answers was judged by two voters.")
    return f"{said} {_('Campaigns of prepared answers show some to several.')}"


def left_side(votes: VoteFacts) -> Figure:
    """Do voters prefer a side? Sides are drawn at random, so they should not."""
    found = verdicts_by_side(votes)
    title = _("The sides of these votes are not known.")
    if found and found.decided:
        fair = found.left_lower <= 0.5 <= found.left_upper
        said = (
            _("The left side got %(share)s of decided votes: chance explains that.")
            if fair
            else _("The left side got %(share)s of decided votes: more than chance explains.")
        )
        title = said % {"share": plurals.percent(f"{100 * found.left:.1f}")}
    rows = [(name, local(f"{value:.3f}")) for name, value in shares_of(found)] if found else []
    drawing = None
    if found and found.decided:
        middle, low, high = (100 * n for n in (found.left, found.left_lower, found.left_upper))
        left = Whisker(_("Left side"), middle, low, high, note=counted(found.decided, "vote"))
        drawing = Whiskers.draw([left], Linear.around((40, 60, low, high), 0), level=50)
    return Figure(
        "left-side",
        title,
        _(
            "Percentage of decided votes that went to the left side, with 95% interval; 50 without "
            "bias."
        ),
        (_("Measure"), _("Value")),
        rows,
        "whiskers",
        drawing,
        absent=_("Votes aggregated per pair do not record which model was on the left."),
        note=str(COUNTED),
    )


def shares_of(found: VerdictShares) -> list[tuple[str, float]]:
    return [
        (_("Left side, of decided"), found.left),
        (_("Lower"), found.left_lower),
        (_("Upper"), found.left_upper),
        (_("Ties"), found.ties),
        (_("Both bad"), found.both_bad),
    ]


def verdicts_by_side(votes: VoteFacts) -> VerdictShares | None:
    counts = votes.verdicts
    seen = [OUTCOMES[verdict] for verdict in counts]
    return verdict_shares(np.repeat(seen, list(counts.values()))) if seen else None
