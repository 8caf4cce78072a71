"""How often voters gave one reason of each model, drawn."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arena.plurals import local

from ..charts import Figure, Whisker, Whiskers
from ..models import ReasonShare
from ..presentation.sentences import listed, more
from .estimates import by_value, too_few, value_of
from .reasons import Row, Shares, not_yet

MOST_DRAWN = 30  # models in a chart, and in the data below it
MOST_NAMED = 3  # models in a title
NAME = "shares"  # of each figure, in URLs
AT_ONCE = gettext_lazy(
    "“Clearly” holds for all models and reasons at once; of many intervals, a few miss the line by "
    "chance."
)
Relation = ReasonShare.Relation


def whole(shares: Shares) -> Figure:
    """All reasons, as a table alone."""
    rows = [_cells(row) for row in shares.rows]
    return Figure(NAME, "", "", _columns(), rows, absent=shares.absent)


def of_reason(shares: Shares, key: str) -> Figure:
    """Without a drawing if nobody gave it."""
    rows = shares.of_reason(key)
    return figure(rows) if rows else Figure(NAME, "", "", _columns(), [], absent=shares.absent)


def figure(rows: Sequence[Row]) -> Figure:
    """Of one reason, of at least one model."""
    ordered = by_value(rows, lambda row: value_of(row.share), falling=True)
    cells = [_cells(row) for row in ordered]
    whiskers = [whisker for row in ordered if (whisker := _whisker(row))]
    return Figure(
        NAME,
        _title(ordered),
        _(
            "Share of answers of which voters said it, of all answers in votes with reasons: per "
            "cent, with 95% intervals. Line: of all models."
        ),
        _columns(),
        cells[:MOST_DRAWN],
        "whiskers",
        Whiskers.draw(whiskers[:MOST_DRAWN], level=100 * rows[0].found.of_all)
        if whiskers
        else None,
        absent=not_yet(),
        note=_note(len(whiskers), len(ordered)),
        every=(lambda: cells) if len(cells) > MOST_DRAWN else None,
    )


def _whisker(row: Row) -> Whisker | None:
    if row.share is None:
        return None
    value, low, high = (round(100 * number, 1) for number in row.share)
    note = f"{row.cell[0]}, {row.against_all}" if row.is_clear else row.cell[0]
    return Whisker(row.name, value, low, high, row.contestant.is_open, note, marked=row.is_clear)


def _title(rows: Sequence[Row]) -> str:
    above, below = (
        listed(more([row.name for row in rows if row.found.relation == one], MOST_NAMED))
        for one in (Relation.ABOVE, Relation.BELOW)
    )
    if above and below:
        said = _("“%(reason)s”: said clearly more often of %(above)s, less often of %(below)s.")
    elif above:
        said = _("“%(reason)s”: said clearly more often of %(above)s than of all models.")
    elif below:
        said = _("“%(reason)s”: said clearly less often of %(below)s than of all models.")
    else:
        said = _("“%(reason)s”: no model clearly differs from all models together.")
    return said % {"reason": rows[0].reason.label, "above": above, "below": below}


def _note(drawn: int, models: int) -> str:
    further, said = drawn - MOST_DRAWN, [str(AT_ONCE)]
    if further > 0:
        said.append(
            ngettext(
                "%(number)s model with a smaller share is not drawn.",
                "%(number)s models with a smaller share are not drawn.",
                further,
            )
            % {"number": local(f"{further:,}")}
        )
    if models > drawn:
        said.append(too_few(models - drawn))
    return " ".join(said)


def _columns() -> tuple[str, ...]:
    return (
        _("Model"), _("Reason"), _("Answers"), _("Share"), _("Lower"), _("Upper"),
        _("All models"), _("Against all"),
    )  # fmt: skip


def _cells(row: Row) -> tuple[str | int, ...]:
    shares = [*(row.share or (None, None, None)), row.found.of_all]
    told = ["" if one is None else local(f"{100 * one:.1f}") for one in shares]
    return (row.name, row.reason.label, row.found.answers, *told, row.against_all)
