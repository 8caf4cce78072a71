"""What /api/v1/ offers, in the words of OpenAPI 3.1."""

from __future__ import annotations

from typing import Any


def _parameter(name: str, where: str, says: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": says,
        "schema": {"type": "string"},
    }


PAGES = [
    _parameter("page", "query", "from 1"),
    _parameter("per_page", "query", "100 unless said, 500 at most"),
]
CAMPAIGN = _parameter("campaign", "path", "slug of a campaign")
BOARD = [
    _parameter("slice", "query", "one of the campaign's slices; otherwise all votes"),
    _parameter("style", "query", "on: style held equal"),
    _parameter("method", "query", "elo; otherwise Bradley-Terry"),
    _parameter("ties", "query", "davidson or rao-kupper; otherwise half a win each"),
]
FILTERS = [
    *BOARD,
    _parameter("since", "query", "first month of a range, such as 2026-03"),
    _parameter("until", "query", "last month of a range"),
    _parameter("q", "query", "words in the name, organisation or licence"),
    _parameter("access", "query", "open, source, closed or stand-in; UNKNOWN is none of them"),
    _parameter("commercial", "query", "yes, or conditional for either"),
    _parameter("size", "query", "small, medium, large or huge"),
    _parameter("laptop", "query", "1: open weights of at most 14 billion parameters"),
    _parameter("organisation", "query", "as in the URL of the page"),
    _parameter("sort", "query", "rank, name, score, votes, wins, size, time or price"),
    _parameter("order", "query", "up or down"),
]


def _get(says: str, parameters: list[dict[str, Any]], kind: str = "JSON") -> dict[str, Any]:
    answers = {"200": {"description": kind}, "404": {"description": "JSON with an error"}}
    return {"get": {"summary": says, "parameters": parameters, "responses": answers}}


OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Evenhand: leaderboards",
        "version": "1",
        "description": "Read-only, for any site. Scores come with 95% intervals: lower, upper.",
    },
    "paths": {
        "/api/v1/campaigns/": _get("Public campaigns", PAGES),
        "/api/v1/campaigns/{campaign}/ratings/": _get(
            "The newest board", [CAMPAIGN, *FILTERS, *PAGES]
        ),
        "/api/v1/campaigns/{campaign}/ratings.csv": _get(
            "The newest board, all of it", [CAMPAIGN, *FILTERS], "CSV"
        ),
        "/api/v1/campaigns/{campaign}/ratings.parquet": _get(
            "The newest board, all of it, with typed columns",
            [CAMPAIGN, *FILTERS],
            "Apache Parquet",
        ),
        "/api/v1/campaigns/{campaign}/slices/": _get(
            "Slices with their votes, and whether they have enough of them", [CAMPAIGN, *PAGES]
        ),
        "/api/v1/campaigns/{campaign}/snapshots/": _get(
            "Published snapshots of a board, newest first", [CAMPAIGN, *BOARD, *PAGES]
        ),
        "/api/v1/campaigns/{campaign}/compare/": _get(
            "Two models: gap, probability that a wins, head-to-head record",
            [
                CAMPAIGN,
                _parameter("a", "query", "slug of a model"),
                _parameter("b", "query", "slug of another"),
            ],
        ),
        "/api/v1/snapshots/{id}/": _get(
            "A published snapshot", [_parameter("id", "path", "its public id"), *PAGES]
        ),
    },
}
