"""Comparisons by slice: open against closed models, one model, two models.

Slices overlap and there are many of them: one interval in twenty misses by chance. So a statement
in a title about one or two models holds for all slices simultaneously (Bonferroni), though the
intervals drawn are pointwise. A statement about the best open and closed models holds for all pairs
of a slice simultaneously, as the pair was not chosen beforehand, but for each slice separately.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from scipy.special import ndtri

from arena.labels import slices
from arena.models import Campaign, Contestant, Tally
from arena.plurals import counted, local

from ..boards import listing
from ..charts import Figure, Whisker, Whiskers
from ..core import Tallies
from ..core.questions.win_rates import win_rates
from ..models import Board, Rating, Snapshot
from ..presentation import sentences

MOST = 24  # slices in a figure, those with the most votes
UNLIKE = ("time", "criterion")  # groups that are not compared with all votes
FEWEST_MET = 20  # fewest votes of a pair in a slice for an interval
Scores = Mapping[int, tuple[float, float]]  # contestant: score, half the width of its interval
SUMMED_UP = gettext_lazy(
    "No votes are known by category: aggregated votes record neither language nor subject."
)
LATER = gettext_lazy(
    "It is shown once the campaign has closed: until then, it would tell voters whose answers they "
    "have just judged."
)
EACH_BY_ITSELF = gettext_lazy("Categories overlap: a vote may count in several.")


@dataclass(frozen=True)
class Part:
    """A slice, with its newest snapshot if it has votes enough for one."""

    board: Board
    snapshot: Snapshot | None

    @property
    def name(self) -> str:
        return slices.name_of(self.board.slice)

    @property
    def votes(self) -> str:
        return counted(self.board.votes, "vote")


def parts_of(campaign: Campaign) -> list[Part]:
    """Those of the most votes."""
    shown = compared(campaign)[:MOST]
    rated = [board for board in shown if listing.has_enough(board)]
    newest = Snapshot.objects.filter(board__in=rated).defer("archive")
    snapshots = {s.board_id: s for s in newest.order_by("board", "-pk").distinct("board")}
    return [Part(board, snapshots.get(board.pk)) for board in shown]


def compared(campaign: Campaign) -> list[Board]:
    """The slices without single months, which only the board shows, and without criteria, which
    are no parts of the votes (`criteria_boards`)."""
    found = listing.slices_of(campaign)
    grouped = [(board, slices.group_of(board.slice)) for board in found]
    return [b for b, group in grouped if group not in UNLIKE or b.slice == slices.FRESH]


def too_few(parts: Sequence[Part]) -> str:
    names = [f"{part.name} ({part.votes})" for part in parts if part.snapshot is None]
    if not names:
        return ""
    return _("Too few votes for a ranking: %(categories)s.") % {
        "categories": sentences.listed(names)
    }


def joined(*said: str) -> str:
    """Sentences one after another."""
    return " ".join(filter(None, said))


def open_closed(campaign: Campaign) -> Figure:
    """The best open model minus the best closed one, in each slice."""
    parts = parts_of(campaign)
    known = [(part, duel) for part in parts if part.snapshot and (duel := part.snapshot.facts.duel)]
    drawn = [
        Whisker(
            part.name, duel.gap, duel.gap_lower, duel.gap_upper,
            note=_("%(open)s against %(closed)s, %(votes)s")
            % {"open": duel.open_name, "closed": duel.closed_name, "votes": part.votes},
        )
        for part, duel in known
    ]  # fmt: skip
    ahead, behind = (
        sum(duel.open_ahead for _, duel in known),
        sum(duel.closed_ahead for _, duel in known),
    )
    return Figure(
        "gap-by-slice",
        sentences.of_slices(sentences.OPEN_AND_CLOSED, ahead, behind, len(known)),
        _(
            "Score of the best open model in each category minus that of the best closed one, with "
            "95% interval; grey line: equal."
        ),
        (_("Category"), _("Pair and votes"), _("Gap"), _("Lower"), _("Upper")),
        [row(whisker) for whisker in drawn],
        "whiskers",
        Whiskers.draw(drawn, level=0) if drawn else None,
        absent=joined(too_few(parts), _("A category needs a rated open and a rated closed model."))
        if parts
        else str(SUMMED_UP),
        note=joined(
            too_few(parts),
            _(
                "“Ahead” takes more than the interval of these two: which are the best was not "
                "known before, so the intervals of all pairs in the category must agree."
            ),
            str(EACH_BY_ITSELF),
        ),
    )


def row(whisker: Whisker) -> tuple[str, ...]:
    numbers = (whisker.value, whisker.low, whisker.high)
    return (whisker.name, whisker.note, *(local(f"{number:.1f}") for number in numbers))


def strengths(campaign: Campaign, contestant: Contestant, snapshot: Snapshot | None) -> Figure:
    """Where a model does better, and worse, than over all votes."""
    parts = parts_of(campaign)
    known = [part for part in parts if part.snapshot is not None]
    scores = scores_of([snapshot, *(part.snapshot for part in known)])
    overall = scores.get(snapshot.pk, {}) if snapshot else {}
    drawn = []
    for part in known:
        inside = scores.get(part.snapshot.pk, {}) if part.snapshot else {}
        if found := difference(inside, overall, contestant.pk):
            value, half = found
            drawn.append(Whisker(part.name, value, value - half, value + half, note=part.votes))
    return Figure(
        "strengths",
        strong_and_weak(contestant.name, drawn),
        _(
            "Score in each category minus score over all votes, with 95% interval; grey line: no "
            "difference."
        ),
        (_("Category"), _("Votes"), _("Difference"), _("Lower"), _("Upper")),
        [row(whisker) for whisker in drawn],
        "whiskers",
        Whiskers.draw(drawn, level=0) if drawn else None,
        absent=joined(too_few(parts), _("It must be rated in a category."))
        if parts
        else str(SUMMED_UP),
        note=joined(
            too_few(parts),
            _(
                "Both scores are taken against the models rated in both. The interval is a little "
                "too wide, as the votes of a category are among all votes."
            ),
            str(EACH_BY_ITSELF),
        ),
    )


def scores_of(snapshots: Sequence[Snapshot | None]) -> Mapping[int, Scores]:
    """By snapshot, the scores of all models with an interval."""
    rated = Rating.objects.filter(snapshot__in=[s for s in snapshots if s], lower__isnull=False)
    names = ("snapshot_id", "contestant_id", "score", "lower", "upper")
    found: dict[int, dict[int, tuple[float, float]]] = {}
    for snapshot, contestant, score, lower, upper in rated.values_list(*names):
        half = ((upper or 0.0) - (lower or 0.0)) / 2
        found.setdefault(snapshot, {})[contestant] = (score or 0.0, half)
    return found


def difference(inside: Scores, overall: Scores, model: int) -> tuple[float, float] | None:
    """Points a model is better within a slice, and half the width of the interval.

    The mean of a board is 1000 whichever models are on it, so both scores are taken relative to the
    mean of the models on both. The interval treats the two scores as independent. A slice is part
    of the whole, so they are positively correlated and the interval is conservative.
    """
    both = inside.keys() & overall.keys()
    if model not in both or len(both) < 2:
        return None
    shift = float(np.mean([overall[one][0] - inside[one][0] for one in both]))
    half = float(np.hypot(inside[model][1], overall[model][1]))
    return inside[model][0] + shift - overall[model][0], half


def strong_and_weak(name: str, drawn: Sequence[Whisker]) -> str:
    """Names only slices whose Bonferroni interval excludes 0."""
    if not drawn:
        return _("How %(model)s does by category is not known yet.") % {"model": name}
    widened = ndtri(1 - 0.025 / len(drawn)) / ndtri(0.975)
    better, worse = (
        [w.name.partition(":")[0] for w in drawn if sign * w.value > widened * (w.high - w.value)]
        for sign in (1, -1)
    )
    if not (better or worse):
        return _(
            "The votes show no category in which %(model)s does better or worse than overall."
        ) % {"model": name}
    if better and worse:
        said = _("%(model)s does better in %(better)s and worse in %(worse)s than overall.")
    elif better:
        said = _("%(model)s does better in %(better)s than overall.")
    else:
        said = _("%(model)s does worse in %(worse)s than overall.")
    return said % {
        "model": name,
        "better": sentences.listed(better),
        "worse": sentences.listed(worse),
    }


def record(campaign: Campaign, a: Contestant, b: Contestant) -> Figure:
    """Votes between the two models, by slice: share won by a. They are counted at once, so there is
    nothing to see where that must not be followed."""
    may_be_followed = campaign.may_be_followed
    parts = {part.board.slice: part for part in parts_of(campaign)} if may_be_followed else {}
    counts = counts_of(campaign, a.pk, b.pk, list(parts))
    met = [(parts[name], found) for name, found in counts.items() if found.sum() >= FEWEST_MET]
    drawn = [share_of(part, found) for part, found in met]
    level = 1 - 0.05 / max(len(met), 1)
    sure = [share_of(part, found, level) for part, found in met]
    return Figure(
        "by-slice",
        sentences.of_slices(
            sentences.TWO_MODELS,
            sum(w.low > 50 for w in sure),
            sum(w.high < 50 for w in sure),
            len(met),
            first=a.name,
            second=b.name,
        ),
        _(
            "Percentage of their head-to-head votes that %(model)s won, ties half, with 95%% "
            "interval; grey line: half."
        )
        % {"model": a.name},
        (_("Category"), _("Votes"), _("Share"), _("Lower"), _("Upper")),
        [row(whisker) for whisker in drawn],
        "whiskers",
        Whiskers.draw(drawn, level=50) if drawn else None,
        absent=_("They have not met %(times)s times in a category yet.") % {"times": FEWEST_MET}
        if parts
        else str(SUMMED_UP if may_be_followed else LATER),
        note=joined(
            _("Categories with fewer than %(votes)s of their votes are left out.")
            % {"votes": FEWEST_MET},
            str(EACH_BY_ITSELF),
        ),
    )


def counts_of(campaign: Campaign, a: int, b: int, names: list[str]) -> dict[str, np.ndarray]:
    """Won by a, won by b, ties and both bad, by slice in the given order."""
    first, second = sorted((a, b))
    found = Tally.objects.filter(campaign=campaign, first=first, second=second, slice__in=names)
    rows = {name: np.array(counts) for name, *counts in found.values_list("slice", *Tally.COUNTS)}
    order = [0, 1, 2, 3] if a == first else [1, 0, 2, 3]
    return {name: rows[name][order] for name in names if name in rows}


def share_of(part: Part, counts: np.ndarray, level: float = 0.95) -> Whisker:
    met = win_rates(Tallies.from_counts([[0, 1]], [counts], 2), level=level)
    share, low, high = (100 * float(t[0, 1]) for t in (met.rate, met.lower, met.upper))
    return Whisker(part.name, share, low, high, note=counted(int(counts.sum()), "vote"))
