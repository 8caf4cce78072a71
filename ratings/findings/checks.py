"""What the checks of an ended campaign say, beside what its voters chose (`refreshing.checks`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from arena.models import Campaign
from arena.plurals import counted, local, percent

from ..charts import Figure, Linear, Whisker, Whiskers
from ..core.uncertainty.paired import holm, mcnemar_exact
from ..core.uncertainty.proportions import wilson_interval
from ..core.uncertainty.quantiles import Estimate
from ..models import CheckCount, CheckedVotes, CheckPair
from .estimates import estimate_of

LEVEL = 0.95
CLEAR = 1 - LEVEL
MOST_PAIRS = 12  # that the page shows; the download has all
MOST_DRAWN = 30


@dataclass(frozen=True)
class Compared:
    pair: CheckPair
    p: float
    corrected: float  # for looking at all pairs

    @property
    def is_clear(self) -> bool:
        return self.corrected < CLEAR


def figures(campaign: Campaign) -> list[Figure]:
    """Of a campaign that takes votes, nothing but why."""
    if not campaign.has_ended():
        later = _("It is shown once nobody can vote any more.")
        return [_right([], [], later), _pairs([], later), _people(None, later)]
    none = _("No answer has been checked.")
    pairs = compared(campaign)
    votes = CheckedVotes.objects.filter(campaign=campaign).first()
    return [_right(counts_of(campaign), pairs, none), _pairs(pairs, none), _people(votes, none)]


def counts_of(campaign: Campaign) -> list[CheckCount]:
    """None of a campaign that takes votes."""
    if not campaign.has_ended():
        return []
    counts = CheckCount.objects.filter(campaign=campaign).select_related("contestant")
    return [*counts]


def compared(campaign: Campaign) -> list[Compared]:
    """The clearest first."""
    pairs = [*CheckPair.objects.filter(campaign=campaign).select_related("first", "second")]
    first, second = (
        np.array([getattr(pair, name) for pair in pairs], dtype=np.int64)
        for name in ("first_only", "second_only")
    )
    p = mcnemar_exact(first, second)
    found = [Compared(*each) for each in zip(pairs, p.tolist(), holm(p).tolist(), strict=True)]
    return sorted(found, key=lambda one: (one.p, one.pair.pk))


def share_of(count: CheckCount) -> Estimate | None:
    """With Wilson's interval; None if nothing was checked."""
    n = trials(count)
    if not n:
        return None
    low, high = wilson_interval(np.array([count.right]), np.array([n]), LEVEL)
    return Estimate(count.right / n, float(low[0]), float(high[0]))


def trials(count: CheckCount) -> int:
    return count.right + count.wrong + count.unanswered


def _right(counts: Sequence[CheckCount], pairs: Sequence[Compared], absent: str) -> Figure:
    shares = {count.contestant_id: share for count in counts if (share := share_of(count))}
    ordered = sorted(counts, key=lambda one: (-shares.get(one.contestant_id, (0,))[0], one.pk))
    drawn = [
        _whisker(
            one.contestant.name,
            shares[one.contestant_id],
            note=local(f"{one.right:,}/{trials(one):,}"),
            is_open=one.contestant.is_open,
        )
        for one in ordered
        if one.contestant_id in shares
    ]
    return Figure(
        "right",
        _title(ordered, pairs, shares),
        _("Share of prompts answered as expected, in per cent, with 95% interval (Wilson)."),
        (_("Model"), _("Right"), _("Wrong"), _("No answer found"), _("Not checked"),
         _("Share right"), _("Lower"), _("Upper")),
        [_row(one, shares.get(one.contestant_id)) for one in ordered],
        "whiskers",
        _drawing(drawn[:MOST_DRAWN]),
        absent=absent,
        note=_("A text in which no answer is found counts as not right."),
    )  # fmt: skip


def _title(
    ordered: Sequence[CheckCount], pairs: Sequence[Compared], shares: dict[int, Estimate]
) -> str:
    if not shares:
        return _("Right answers")
    best = ordered[0].contestant
    of_best = [one for one in pairs if best.pk in (one.pair.first_id, one.pair.second_id)]
    is_clear = all(one.is_clear for one in of_best)
    said = _("%(model)s is right most often: %(value)s of prompts.")
    if not is_clear:
        said = _("%(model)s may be right most often: %(value)s of prompts.")
    return said % {"model": best.name, "value": _percent(shares[best.pk].value)}


def _row(count: CheckCount, share: Estimate | None) -> tuple[str | int, ...]:
    ends = [local(f"{number:.3f}") for number in share] if share else ["", "", ""]
    numbers = (count.right, count.wrong, count.unanswered, count.unchecked)
    return (count.contestant.name, *numbers, *ends)


def _pairs(pairs: Sequence[Compared], absent: str) -> Figure:
    rows = [_pair_row(one) for one in pairs]
    clear = sum(one.is_clear for one in pairs)
    title = _("Models on the same prompts")
    if pairs:
        title = _("Pairs of models that clearly differ: %(clear)s of %(number)s.") % {
            "clear": local(f"{clear:,}"),
            "number": local(f"{len(pairs):,}"),
        }
    return Figure(
        "pairs",
        title,
        _(
            "Prompts that only one of the two got right, with McNemar’s exact test; clear is p < "
            "0.05 after Holm’s correction for looking at all pairs."
        ),
        (_("Model"), _("Other model"), _("Prompts"), _("Only the model right"),
         _("Only the other right"), _("p"), _("p, corrected")),
        rows[:MOST_PAIRS],
        "table",
        rows[:MOST_PAIRS] or None,
        absent=absent,
        every=lambda: rows,
    )  # fmt: skip


def _pair_row(one: Compared) -> tuple[str | int, ...]:
    """The one that is right more often first."""
    pair = one.pair
    sides = [(pair.first.name, pair.first_only), (pair.second.name, pair.second_only)]
    (model, more), (other, fewer) = sorted(sides, key=lambda side: -side[1])
    return (model, other, pair.prompts, more, fewer, _p(one.p), _p(one.corrected))


def _p(number: float) -> str:
    return local(f"{number:.4f}" if number >= 1e-4 else f"{number:.0e}")


def _people(votes: CheckedVotes | None, absent: str) -> Figure:
    rows = _choices(votes) if votes else []
    drawn = [_whisker(name, share, note=counted(number, "vote")) for name, number, share in rows]
    title = _("People and checks")
    if rows:
        title = _("Voters chose the right answer in %(value)s of votes where only one was right.")
        title %= {"value": _percent(rows[0][2].value)}
    return Figure(
        "people",
        title,
        _(
            "Votes on two answers of which exactly one is right, in per cent, with 95% interval "
            "that takes the votes of each voter together."
        ),
        (_("Vote"), _("Votes"), _("Share"), _("Lower"), _("Upper")),
        [(name, number, *(local(f"{end:.3f}") for end in share)) for name, number, share in rows],
        "whiskers",
        _drawing(drawn),
        absent=_("There are no votes on two answers of which exactly one is right.")
        if votes else absent,
    )  # fmt: skip


def _choices(votes: CheckedVotes) -> list[tuple[str, int, Estimate]]:
    named = (
        (_("The right answer is better"), votes.right, votes.right_share),
        (_("The wrong answer is better"), votes.wrong, votes.wrong_share),
        (_("Tie, or both are bad"), votes.neither, votes.neither_share),
    )
    return [
        (name, number, share)
        for name, number, stored in named
        if (share := estimate_of(stored)) is not None
    ]


def _whisker(name: str, share: Estimate, *, note: str, is_open: bool | None = None) -> Whisker:
    value, low, high = (100 * number for number in share)
    return Whisker(name, value, low, high, is_open, note)


def _drawing(whiskers: Sequence[Whisker]) -> Whiskers | None:
    return Whiskers.draw(whiskers, Linear(0, 100)) if whiskers else None


def _percent(share: float) -> str:
    return percent(f"{100 * share:.0f}")
