"""The API documentation for people: each call with an example, from the same description."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ratings.api.description import OPENAPI
from ratings.api.schemas import SCHEMAS, example_of
from ratings.archive.snapshot_file import table
from ratings.boards.listing import public_campaigns
from ratings.columns import NAMES
from ratings.pages.cached import by_snapshot

from ..pages.finding import overall
from ..pages.snapshots import published_of

FEW = 4


@dataclass(frozen=True)
class Call:
    """One address of the API.

    Attributes:
        address: with values from this arena in place of the names in braces, so that the link
            works.
        answer: the response, shortened to one result; empty if it is not text.
        like: an earlier call that explains all of its parameters, if it has many.
    """

    path: str
    says: str
    parameters: list[dict[str, Any]]
    address: str
    answer: str
    like: Call | None

    @property
    def name(self) -> str:
        """Its anchor on the page."""
        return self.path.strip("/").replace("/", "-").replace("{", "").replace("}", "")


@by_snapshot
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """/api/"""
    known, found = names_here(), list[Call]()
    for path, item in OPENAPI["paths"].items():
        found.append(call(path, item["get"], known, found))
    return render(request, "api.html", {"calls": found})


def names_here() -> dict[str, str]:
    """Values for the names in braces, from the first campaign with ratings; empty without one."""
    snapshot = next(filter(None, map(overall, public_campaigns())), None)
    if snapshot is None:
        return {}
    campaign = snapshot.board.campaign
    duel = snapshot.facts.duel
    pair = {"a": duel.open, "b": duel.closed} if duel else {}
    published = published_of(campaign).order_by("-pk").first()
    found = {**pair, "public_id": published.public_id if published else ""}
    return {"campaign": campaign.slug, **{name: value for name, value in found.items() if value}}


def call(path: str, item: dict[str, Any], known: dict[str, str], earlier: Sequence[Call]) -> Call:
    address, query = path, {}
    for each in item["parameters"]:
        value = known.get(each["name"], each.get("example"))
        if each["in"] == "path":
            address = address.replace(f"{{{each['name']}}}", str(value))
        elif value is not None:
            query[each["name"]] = value
    address += f"?{urlencode(query)}" if query else ""
    like = explained(item["parameters"], earlier)
    return Call(path, item["summary"], item["parameters"], address, answer_of(item), like)


def explained(parameters: list[dict[str, Any]], earlier: Sequence[Call]) -> Call | None:
    """The earlier call that explains the same parameters; short lists are repeated instead."""
    if len(parameters) <= FEW:
        return None
    seen = (one for one in earlier if all(each in one.parameters for each in parameters))
    return next(seen, None)


def answer_of(item: dict[str, Any]) -> str:
    [(kind, media)] = item["responses"]["200"]["content"].items()
    if "example" in media:
        return json.dumps(media["example"], indent=2, ensure_ascii=False)
    if kind == "text/csv":
        rating = example_of(SCHEMAS["Rating"])
        return table(NAMES, [[rating[name] for name in NAMES]])
    return ""
