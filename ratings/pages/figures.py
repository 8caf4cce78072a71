"""Pages made of figures, and the data behind each of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from ratings.charts import Figure
from ratings.models import Snapshot
from ratings.presentation.board_view import BoardView
from ratings.presentation.vacancy import vacancy

from .finding import campaign_of, missing, overall
from .public import PublicPage, Visit, rendered

Pages = tuple[PublicPage, PublicPage]


def pages_of(name: str, figures: Callable[[Snapshot], list[Figure]]) -> Pages:
    """Two pages: the figures of a campaign's newest board, with the template of that name, and the
    CSV behind one of them."""

    def drawn(campaign: str) -> list[Figure]:
        snapshot = overall(campaign_of(campaign))
        return figures(snapshot) if snapshot else []

    @PublicPage
    def page(visit: Visit, campaign: str) -> HttpResponse:
        found, chosen = drawn(campaign), campaign_of(campaign)
        context = {
            "campaign": chosen,
            "vacancy": None if found else vacancy(chosen, BoardView(None)),
            "figures": found,
            "absent": [figure for figure in found if not figure.drawing],
            "here": name,
        }
        return rendered(visit, f"leaderboard/{name}.html", context)

    @PublicPage
    def data(visit: Visit, campaign: str, name: str) -> HttpResponse:
        return figure_csv(drawn(campaign), name)

    return page, data


def figure_csv(figures: Iterable[Figure], name: str) -> HttpResponse:
    """The data behind one of the figures of a page. Raises Refused."""
    for figure in figures:
        if figure.name == name:
            return HttpResponse(figure.csv(), content_type="text/csv; charset=utf-8")
    raise missing(_("There is no such figure."))
