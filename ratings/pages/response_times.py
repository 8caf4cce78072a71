"""How fast models answer here, by size of prompt: as of the newest publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arena.models import Campaign
from ratings.charts import Figure
from ratings.findings import speeds
from ratings.findings.estimates import by_value, value_of
from ratings.findings.speeds import Row, rows_of
from ratings.models import AnswerSpeed
from ratings.presentation.board_view import BoardView
from ratings.presentation.choices import refusal
from ratings.presentation.vacancy import vacancy

from .figures import figure_csv
from .finding import campaign_of, missing, overall
from .public import PublicPage, Visit, rendered

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Column(NamedTuple):
    """A column of the table, by which it can be sorted; `falling`: first the largest."""

    words: StrPromise
    value: Callable[[Row], str | float | None]
    falling: bool = False


COLUMNS: Mapping[str, Column] = {
    "first": Column(gettext_lazy("First words, median"), lambda row: value_of(row.first)),
    "first_slow": Column(gettext_lazy("90th percentile"), lambda row: value_of(row.first_slow)),
    "rate": Column(gettext_lazy("Tokens/s, median"), lambda row: value_of(row.rate), falling=True),
    "rate_slow": Column(
        gettext_lazy("10th percentile"), lambda row: value_of(row.rate_slow), falling=True
    ),
    "answers": Column(gettext_lazy("Answers"), lambda row: row.speed.answers, falling=True),
    "name": Column(gettext_lazy("Model"), lambda row: row.name.casefold()),
}


class Head(NamedTuple):
    words: StrPromise
    href: str
    state: str


@PublicPage
def response_times(
    visit: Visit, campaign: str, prompts: str = AnswerSpeed.Prompts.ALL
) -> HttpResponse:
    """/leaderboard/<campaign>/response-times/ and, below it, <size of prompts>/"""
    chosen = campaign_of(campaign)
    board, (sort, falling) = BoardView(overall(chosen)), _order(visit.query)
    rows = _rows(chosen, board, prompts)
    context = {
        "campaign": chosen,
        "vacancy": None if board.snapshot else vacancy(chosen, board),
        "figures": speeds.figures(chosen, rows, board.all_lines),
        "rows": by_value(rows, COLUMNS[sort].value, falling=falling),
        "heads": {name: _head(name, sort, falling=falling) for name in COLUMNS},
        "sizes": AnswerSpeed.Prompts.choices,
        "prompts": AnswerSpeed.Prompts(prompts),
        "here": "response_times",
    }
    return rendered(visit, "leaderboard/response_times.html", context)


@PublicPage
def figure_data(
    visit: Visit, campaign: str, name: str, prompts: str = AnswerSpeed.Prompts.ALL
) -> HttpResponse:
    """<figure>.csv beside each of these"""
    return figure_csv(figures_of(campaign_of(campaign), prompts), name)


def figures_of(campaign: Campaign, prompts: str) -> list[Figure]:
    board = BoardView(overall(campaign))
    rows = _rows(campaign, board, prompts)
    return speeds.figures(campaign, rows, board.all_lines) if board.snapshot else []


def _rows(campaign: Campaign, board: BoardView, prompts: str) -> list[Row]:
    if prompts not in AnswerSpeed.Prompts.values:
        raise missing(_("There is no such size of prompts."))
    return rows_of(campaign, board.all_lines, prompts)[0]


def _order(query: Mapping[str, str]) -> tuple[str, bool]:
    """Raises Refused."""
    sort, order = (query.get(name, "").strip()[:80] for name in ("sort", "order"))
    if sort and sort not in COLUMNS:
        raise refusal("sort", sort, ", ".join(COLUMNS))
    if order not in ("", "up", "down"):
        raise refusal("order", order, "up, down")
    sort = sort or "first"
    return sort, order == "down" if order else COLUMNS[sort].falling


def _head(name: str, sort: str, *, falling: bool) -> Head:
    """A second click on the head of a column reverses the order."""
    column = COLUMNS[name]
    if name != sort:
        return Head(column.words, f"?sort={name}", "")
    href = f"?sort={name}&order={'up' if falling else 'down'}"
    return Head(column.words, href, "descending" if falling else "ascending")
