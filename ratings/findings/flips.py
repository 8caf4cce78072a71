"""Votes to flip as a figure: how few votes hold the order of neighbours."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.plurals import counted, local

from ..charts import Figure
from ..facts import Flips
from .vote_figures import COUNTED

SHOWN = 10
NO_NUMBER = gettext_lazy("no number found")


def figure(flips: Flips | None) -> Figure:
    pairs = flips.pairs if flips else ()
    shown = [row(*pair) for pair in pairs[:SHOWN]]
    return Figure(
        "votes-to-flip",
        title(flips),
        _("How many votes must be removed to swap neighbours: the first %(pairs)s pairs.")
        % {"pairs": len(shown)},
        (_("Above"), _("Below"), _("Votes to flip")),
        shown,
        "table",
        shown or None,
        absent=too_many(flips.models)
        if flips and flips.models
        else _("They are counted when the board is next published, once two models are rated."),
        note=_(
            "An upper bound: rating the remaining votes again shows that so many are enough; fewer "
            "might be."
        )
        + f" {COUNTED}",
        every=lambda: [row(*pair) for pair in pairs],
    )


def row(above: str, below: str, votes: int | None) -> tuple[str, str, int | str]:
    return above, below, str(NO_NUMBER) if votes is None else votes


def too_many(models: int) -> str:
    return _("The board has %(models)s models; votes to flip are counted for up to %(most)s.") % {
        "models": local(f"{models:,}"),
        "most": local("1,000"),
    }


def title(flips: Flips | None) -> str:
    if flips is None:
        return _("Votes to flip are not counted yet.")
    if flips.models:
        return _("There are too many models here to count votes to flip.")
    if not flips.pairs:
        return _("There are no neighbours to swap yet.")
    first, second, votes = flips.pairs[0]
    if votes is None:
        return _(
            "No number of votes was found whose removal would put %(second)s ahead of %(first)s."
        ) % {"first": first, "second": second}
    return _("Without %(votes)s of %(of)s, %(model)s would be first.") % {
        "votes": local(f"{votes:,}"),
        "of": counted(flips.votes, "vote"),
        "model": second,
    }
