"""Open models against closed ones, as figures. Each title is made from the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from arena.models.campaigns import Question
from arena.plurals import local

from ..archive.results import Result
from ..charts import Figure, Whisker, Whiskers
from ..facts import Duel
from ..models import Snapshot
from ..presentation import sentences
from ..presentation.lines import Line
from ..presentation.pair import record
from . import by_slice, gaps
from .families import Families
from .openness import openness
from .scatters import (
    COST,
    ENERGY,
    PARAMETERS,
    PRICE,
    TIME,
    TOKENS,
    columns,
    front,
    over_time,
    row,
    trend,
)


def figures(snapshot: Snapshot, lines: Sequence[Line], result: Result) -> list[Figure]:
    """Figures that can be drawn come first."""
    rated = [line for line in lines if line.rated and not line.contestant.stands_in_for]
    made = [
        duel(snapshot, rated, result),
        over_time(rated),
        gaps.by_release([line for line in rated if not is_unknown(line)], result),
        gaps.by_publication(snapshot.board.campaign),
        by_slice.open_closed(snapshot.board.campaign),
        families(Families.of(result), snapshot.board.campaign.asked),
        openness(rated),
        by_licence(rated),
        trend(PARAMETERS, rated),
        trend(TOKENS, rated),
        front(TIME, rated),
        front(PRICE, rated),
        front(COST, rated),
        front(ENERGY, rated),
    ]
    return sorted(made, key=lambda figure: figure.drawing is None)


def duel(snapshot: Snapshot, rated: Sequence[Line], result: Result) -> Figure:
    """The best of both kinds, side by side."""
    sides = [[line for line in rated if line.contestant.is_open is kind] for kind in (True, False)]
    shown = sorted(
        [line for side in sides for line in side[:6]], key=lambda line: line.rating.position
    )
    title = sentences.of_duel(snapshot.facts.duel)
    unknown = sentences.of_unknown([line.contestant.name for line in rated if is_unknown(line)])
    return Figure(
        "best",
        title or _("There is not yet a rated model of each kind."),
        _(
            "Score with 95% interval: the six best open models (filled) and the six best closed "
            "ones."
        ),
        columns(),
        [row(line) for line in shown],
        "whiskers",
        Whiskers.draw([whisker(line, _("rank %(rank)s") % {"rank": line.rank}) for line in shown])
        if title
        else None,
        absent=_("This needs a rated open and a rated closed model; stand-ins count as neither.")
        + f" {unknown}",
        note=_(
            "Which model is best was not known before the votes, so “ahead” and “behind” are used "
            "only where intervals that hold for all pairs at once agree."
        )
        + f" {met(snapshot.facts.duel, result)} {unknown}",
    )


def met(found: Duel | None, result: Result) -> str:
    """What the votes between the best two were."""
    if found is None or not {found.open, found.closed} <= result.index.keys():
        return ""
    wins, losses, *neither = record(result, result.index[found.open], result.index[found.closed])
    said = {"open": found.open_name, "closed": found.closed_name}
    if not wins + losses + sum(neither):
        return _("%(open)s and %(closed)s have not met in a vote.") % said
    counts = {"wins": wins, "losses": losses, "neither": sum(neither)}
    return _(
        "Votes between the two themselves: %(wins)s for %(open)s, %(losses)s for %(closed)s, "
        "%(neither)s for neither."
    ) % {**said, **{name: local(f"{number:,}") for name, number in counts.items()}}


def is_unknown(line: Line) -> bool:
    """Whether the model is on neither side of open against closed."""
    return line.contestant.is_open is None


def whisker(line: Line, note: str, name: str = "") -> Whisker:
    """A whisker named after the model, or after the group it is the best of."""
    rating, model = line.rating, line.contestant.name
    return Whisker(
        name or model, rating.score or 0, rating.lower or 0, rating.upper or 0,
        line.contestant.is_open, note, model=model,
    )  # fmt: skip


def families(found: Families, asked: Sequence[Question] = (), most: int = 14) -> Figure:
    shown = list(found.families[:most])
    about = [family for question in asked if (family := found.like(question.family))]
    shown += [family for family in dict.fromkeys(about) if family not in shown]
    ratings = found.result.ratings
    drawn = [
        Whisker(
            family.name, ratings.scores[family.best], ratings.lower[family.best],
            ratings.upper[family.best], found.is_open(family),
            found.result.names[family.best], family in about, found.result.names[family.best],
        )
        for family in shown
    ]  # fmt: skip
    notes = [answer(found, question) for question in asked]
    if not ratings.is_exact(*(family.best for family in found.families)):
        notes.append(str(sentences.WIDEST))
    rows = [
        (
            w.name,
            w.note,
            *(local(f"{n:.1f}") for n in (w.value, w.low, w.high)),
            family.members,
        )
        for w, family in zip(drawn, shown, strict=True)
    ]
    return Figure(
        "families",
        found.title(),
        _("Score of the best model of each family, with 95% interval; filled: open."),
        (_("Family"), _("Best model"), _("Score"), _("Lower"), _("Upper"), _("Models")),
        rows,
        "whiskers",
        Whiskers.draw(drawn) if len(drawn) > 1 else None,
        absent=_("This needs rated models of two families in the catalogue."),
        note=" ".join(filter(None, notes)),
    )


def answer(found: Families, question: Question) -> str:
    """The answer that the votes give; "" if not all of the families are rated."""
    family = found.like(question.family)
    above = [other for slug in question.behind if (other := found.like(slug))]
    if family is None or len(above) < len(question.behind):
        return ""
    return f"{found.right_behind(above, family)} {found.standing(family)}"


def by_licence(rated: Sequence[Line]) -> Figure:
    """The best open model under each licence."""
    best: dict[str, Line] = {}
    for line in rated:
        if line.contestant.is_open:
            best.setdefault(line.contestant.licence, line)
    shown = list(best.values())[:14]
    free = next((line for line in best.values() if line.commercial == "yes"), None)
    title = _("No rated model has a licence that permits any commercial use.")
    if free:
        title = _(
            "The best model whose licence permits any commercial use is %(model)s, rank %(rank)s."
        ) % {"model": free.contestant.name, "rank": free.rank}
    return Figure(
        "licences",
        title,
        _("Score of the best open model under each licence, with 95% interval."),
        (*columns(), _("Licence")),
        [row(line, line.contestant.licence) for line in shown],
        "whiskers",
        Whiskers.draw(
            [whisker(line, line.contestant.name, line.contestant.licence) for line in shown]
        )
        if len(shown) > 1
        else None,
        absent=_("This needs rated open models under two licences."),
    )
