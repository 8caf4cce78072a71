"""What /api/v1/ offers, as OpenAPI 3.1: the single source for its page, for the validation of
calls, and for tests of the responses."""

from __future__ import annotations

from typing import Any

from arena.labels.slices import MONTH

from ..limits import REQUESTS
from ..presentation import margins, wishes
from ..presentation.choices import DAY, OFFERED, SLICE
from .schemas import SCHEMAS, example_of, ref

PAGE, MOST = REQUESTS.results, REQUESTS.most_results
LAST = 10**9  # page
Described = dict[str, Any]
FILES = {"CSV": "text/csv", "Apache Parquet": "application/vnd.apache.parquet"}


def _query(name: str, says: str, **schema: Any) -> Described:
    values = {"enum": list(OFFERED[name])} if name in OFFERED else {}
    return {
        "name": name,
        "in": "query",
        "description": says,
        "schema": {"type": "string", **values, **schema},
    }


def _path(name: str, says: str, example: str) -> Described:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": says,
        "schema": {"type": "string"},
        "example": example,
    }


def _model(name: str, example: str) -> Described:
    return {**_query(name, "slug of a model"), "required": True, "example": example}


PAGES = [
    _query(
        "page", "one after the last is empty", type="integer", minimum=1, maximum=LAST, default=1
    ),
    _query("per_page", "results", type="integer", minimum=1, maximum=MOST, default=PAGE),
]
CAMPAIGN = _path("campaign", "slug of a campaign", "arena")
BOARD = [
    _query("slice", f"{SLICE}; otherwise all votes"),
    _query("style", "control for length, headers, lists and bold text"),
    _query("method", "how votes are rated", default="bradley-terry"),
    _query("ties", "what a tie counts as; half is half a win each", default="half"),
]
MARGIN = _query(
    "margin",
    "points of score that are too few to matter",
    type="integer",
    minimum=margins.LEAST,
    maximum=margins.MOST,
    default=margins.USUAL,
)
WISHES = [
    _query("slice", f"{SLICE}; otherwise all votes"),
    _query("access", "what is known to be open or closed", enum=[*wishes.OFFERED["access"]]),
    _query("commercial", "what the licence permits; conditional matches both"),
    _query(
        "runs",
        "open weights of at most 14 billion parameters, or of 34 for one GPU with 24 GB",
        enum=[*wishes.OFFERED["runs"]],
    ),
    _query("price", "dollars per million output tokens, at most", pattern=f"^{wishes.AMOUNT}$"),
    _query("cost", "dollars per 1,000 answers here, at most", pattern=f"^{wishes.AMOUNT}$"),
    _query("energy", "estimated Wh per 1,000 tokens, at most", pattern=f"^{wishes.AMOUNT}$"),
    _query("seconds", "median response time, at most", pattern=f"^{wishes.AMOUNT}$"),
    _query("first", "median seconds to the first words, at most", pattern=f"^{wishes.AMOUNT}$"),
    _query(
        "than",
        "whose best they may not be worse than: of the board; otherwise of the models that fit",
        enum=[*wishes.OFFERED["than"]],
    ),
]
FILTERS = [
    *BOARD,
    _query("since", "first month of a range", pattern=f"^{MONTH}$"),
    _query("until", "last month of a range", pattern=f"^{MONTH}$"),
    _query("on", f"{DAY}: the board as published by that day", format="date"),
    _query("q", "words in the name, organisation or licence"),
    _query("access", "open: open source or open weights; UNKNOWN is none of these"),
    _query("commercial", "what the licence permits; conditional matches both"),
    _query("size", "parameters: under 4, 20, 100 billion, or more"),
    _query("laptop", "1: open weights of at most 14 billion parameters"),
    _query("organisation", "as in the address of the page"),
    _query("sort", "what to sort by", default="rank"),
    _query("order", "up: smallest first; otherwise as on the page"),
]


def _get(says: str, parameters: list[Described], answer: str) -> Described:
    bad = {"description": "A sentence that says what is wrong", **_json("Error")}
    found = {"description": says, **(_file(answer) if answer in FILES else _json(answer))}
    answers = {"200": found, "400": bad, "404": bad}
    return {"get": {"summary": says, "parameters": parameters, "responses": answers}}


def _json(schema: str) -> Described:
    media = {"schema": ref(schema), "example": example_of(SCHEMAS[schema])}
    return {"content": {"application/json": media}}


def _file(kind: str) -> Described:
    return {"content": {FILES[kind]: {}}}


OPENAPI: Described = {
    "openapi": "3.1.0",
    "info": {
        "title": "Evenhand: leaderboards",
        "version": "1",
        "description": "Read-only, for any site. Scores come with 95% intervals: lower, upper.",
    },
    "paths": {
        "/api/v1/campaigns/": _get("Public campaigns", PAGES, "Campaigns"),
        "/api/v1/campaigns/{campaign}/ratings/": _get(
            "The newest board, or that of a given day", [CAMPAIGN, *FILTERS, *PAGES], "Board"
        ),
        "/api/v1/campaigns/{campaign}/ratings.csv": _get(
            "The same, complete, as CSV", [CAMPAIGN, *FILTERS], "CSV"
        ),
        "/api/v1/campaigns/{campaign}/ratings.parquet": _get(
            "The same, with typed columns", [CAMPAIGN, *FILTERS], "Apache Parquet"
        ),
        "/api/v1/campaigns/{campaign}/slices/": _get(
            "Slices with their votes, and whether they are rated", [CAMPAIGN, *PAGES], "Slices"
        ),
        "/api/v1/campaigns/{campaign}/shares/": _get(
            "Whose models were in the battles, by week or month, as of the newest publication",
            [CAMPAIGN, *PAGES],
            "Shares",
        ),
        "/api/v1/campaigns/{campaign}/response-times/": _get(
            "How fast models answer here, by size of prompt, as of the newest publication",
            [CAMPAIGN, *PAGES],
            "ResponseTimes",
        ),
        "/api/v1/campaigns/{campaign}/reasons/": _get(
            "What voters say of each model, by reason, as of a recent publication",
            [CAMPAIGN, *PAGES],
            "Reasons",
        ),
        "/api/v1/campaigns/{campaign}/checks/": _get(
            "Which models answered as expected, once a campaign with checks has ended",
            [CAMPAIGN, *PAGES],
            "Checks",
        ),
        "/api/v1/campaigns/{campaign}/compare/": _get(
            "Two models: gap, probability that a wins, head-to-head votes, and what may be said "
            "of them with a margin",
            [CAMPAIGN, _model("a", "ada-7b"), _model("b", "bea"), MARGIN],
            "Comparison",
        ),
        "/api/v1/campaigns/{campaign}/choose/": _get(
            "Which model to use: the cheapest, fastest and smallest that is not worse than the "
            "best by more than a margin",
            [CAMPAIGN, MARGIN, *WISHES, *PAGES],
            "Advice",
        ),
        "/api/v1/campaigns/{campaign}/snapshots/": _get(
            "Published snapshots of a board, newest first",
            [CAMPAIGN, *BOARD, *PAGES],
            "Snapshots",
        ),
        "/api/v1/snapshots/{public_id}/": _get(
            "A published snapshot",
            [_path("public_id", "of the snapshot", "0b6b8055ae5c"), *PAGES],
            "Board",
        ),
    },
    "components": {"schemas": SCHEMAS},
}
