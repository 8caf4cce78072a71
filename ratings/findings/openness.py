"""What is published of each model: weights, licence, training data and code, a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena import catalogue
from arena.catalogue import Grade, Graded, Permission

from ..charts import Figure
from ..charts.grades import Grades, Mark, Row
from ..presentation.lines import Line
from .scatters import columns, row

MOST_DRAWN = 20
NOT_KNOWN = gettext_lazy("not known")
WORDS = {
    Grade.YES: gettext_lazy("published"),
    Grade.PARTLY: gettext_lazy("partly published"),
    Grade.NO: gettext_lazy("not published"),
    None: NOT_KNOWN,
}
KEY = {
    Grade.YES: gettext_lazy("yes"),
    Grade.PARTLY: gettext_lazy("partly"),
    Grade.NO: gettext_lazy("no"),
    None: NOT_KNOWN,
}
PERMITTED = {
    Permission.YES: (Grade.YES, gettext_lazy("for any commercial use")),
    Permission.CONDITIONAL: (Grade.PARTLY, gettext_lazy("for commercial use under conditions")),
    Permission.NO: (Grade.NO, gettext_lazy("not for commercial use")),
}


class Fact(NamedTuple):
    """What is published, for the page of a model."""

    question: str
    words: str
    source: str


def openness(rated: Sequence[Line]) -> Figure:
    """The best model of each family, the best first; all models are in the download."""
    shown = best_of_families(rated)
    drawn = [Row(line.contestant.name, marks(line)) for line in shown]
    key = [Mark(grade or "", str(words)) for grade, words in KEY.items()]
    return Figure(
        "openness",
        title(rated),
        _("What is published of the best model of each family, the best first."),
        (*columns(), *questions(), _("Offered by"), _("Sources")),
        [of_line(line) for line in shown],
        "grades",
        Grades(questions(), drawn, key) if len(drawn) > 1 else None,
        absent=_("This needs rated models of two families in the catalogue."),
        note=_(
            "Weights that are published can run in your own house, so that no prompt leaves it. "
            "Training data is partly published if part of it is, or if it says where all of it "
            "comes from; training code, if it is that of the last steps only."
        ),
        every=lambda: [of_line(line) for line in rated],
    )


def questions() -> tuple[str, ...]:
    return _("Weights"), _("Commercial use"), *_of_training()


def facts(line: Line) -> list[Fact]:
    """What its developer has published besides weights, as far as that is known; of a stand-in
    nothing, as its name may be that of the model it plays."""
    if line.contestant.stands_in_for:
        return []
    answers = zip(_of_training(), _parts(line), strict=True)
    return [Fact(asked, str(WORDS[part.grade]), part.source) for asked, part in answers if part]


def _of_training() -> tuple[str, ...]:
    return _("Training data"), _("Training code"), _("Report")


def _parts(line: Line) -> tuple[Graded | None, ...]:
    found = catalogue.published_of(line.contestant.name)
    return found.training_data, found.training_code, found.report


def title(rated: Sequence[Line]) -> str:
    """Which model somebody else could make again."""
    whole = next((line for line in rated if is_whole(line)), None)
    if whole is None:
        return _("No rated model is known to have published weights, training data and code.")
    return _(
        "The best model with published weights, training data and code is %(model)s, rank %(rank)s."
    ) % {"model": whole.contestant.name, "rank": whole.rank}


def is_whole(line: Line) -> bool:
    data, code, _report = _parts(line)
    return bool(line.contestant.is_open) and all(p and p.grade is Grade.YES for p in (data, code))


def best_of_families(rated: Sequence[Line]) -> list[Line]:
    best: dict[str, Line] = {}
    for line in rated:
        if family := catalogue.family_of(line.contestant.name):
            best.setdefault(family[0], line)
    return list(best.values())[:MOST_DRAWN]


def marks(line: Line) -> list[Mark]:
    is_open = line.contestant.is_open
    weights = None if is_open is None else Grade.YES if is_open else Grade.NO
    graded = (part.grade if part else None for part in _parts(line))
    return [_mark(weights), _use(line), *map(_mark, graded)]


def of_line(line: Line) -> tuple[str, ...]:
    """Its numbers, and in words what is published, who offers it, and the sources."""
    return row(line, *(mark.words for mark in marks(line)), ", ".join(hosts(line)), sources(line))


def hosts(line: Line) -> list[str]:
    """Names of the APIs that offer the family."""
    family = catalogue.family_of(line.contestant.name)
    all_hosts = catalogue.load().hosts.values()
    return [host.name for host in all_hosts if family and family[0] in host.serves]


def sources(line: Line) -> str:
    return " ".join(dict.fromkeys(part.source for part in _parts(line) if part))


def _mark(grade: Grade | None) -> Mark:
    return Mark(grade or "", str(WORDS[grade]))


def _use(line: Line) -> Mark:
    if line.contestant.is_open is False:
        return Mark(Grade.NO, _("not published"))
    if line.commercial is None:
        return _mark(None)
    grade, words = PERMITTED[line.commercial]
    return Mark(grade, f"{line.contestant.licence}, {words}")
