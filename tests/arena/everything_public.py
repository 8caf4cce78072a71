"""Whatever a stranger can fetch from the site, and which of its addresses that covers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from arena.models import Campaign
from ratings import freshness
from ratings.presentation import sheets
from ratings.static_site.writing import StaticSite

LINK = re.compile(rb"""(?:href|src)=["']([^"'#:]+)["'#]""")
ENTRANCES = (
    "/", "/status/", "/api/", "/chats/", "/robots.txt", "/favicon.ico", "/leaderboard/",
    "/leaderboard/method/", "/leaderboard/data.json", "/leaderboard/arena/newest.json",
    "/leaderboard/arena/embed/", "/leaderboard/arena/image.png", "/leaderboard/arena/image.svg",
    "/leaderboard/arena/leaderboard.parquet", "/leaderboard/arena/models/xylophonic-slug/badge.svg",
    "/leaderboard/arena/pages/2/", "/leaderboard/snapshots/none/pages/2/",
    "/leaderboard/arena/compare/by-slice.csv?a=xylophonic-slug&b=zugzwang-slug",
    "/leaderboard/arena/compare/?a=xylophonic-slug&b=zugzwang-slug",
    "/leaderboard/arena/models/xylophonic-slug/strengths.csv",
    "/leaderboard/arena/integrity/by-month.csv",
    "/leaderboard/arena/checks/", "/leaderboard/arena/checks/right.csv",
    "/api/v1/campaigns/arena/checks/",
    "/leaderboard/arena/response-times/first-words.csv",
    "/leaderboard/arena/response-times/up-to-100/first-words.csv",
    "/api/v1/campaigns/arena/response-times/",
    "/leaderboard/arena/reasons/accurate/", "/leaderboard/arena/reasons/shares.csv",
    "/leaderboard/arena/reasons/accurate/shares.csv", "/api/v1/campaigns/arena/reasons/",
    "/api/v1/", "/api/v1/campaigns/", "/api/v1/campaigns/arena/ratings/",
    "/api/v1/campaigns/arena/ratings.csv", "/api/v1/campaigns/arena/ratings.parquet",
    "/api/v1/campaigns/arena/slices/", "/api/v1/campaigns/arena/shares/",
    "/api/v1/campaigns/arena/snapshots/", "/api/v1/nowhere",
    "/api/v1/campaigns/arena/compare/?a=xylophonic-slug&b=zugzwang-slug",
)  # fmt: skip
PRIVATE = ("/admin", "/static", "/battles")
# What may change without revealing a model: a form's token, and the number of battles started.
OF_THE_MOMENT = re.compile(
    rb'name="csrfmiddlewaretoken" value="\w+"|<dt>Battles in the last hour</dt><dd>\d+</dd>'
)
HEADERS_OF_THE_MOMENT = {"Expires", "Date", "Set-Cookie"}
BUSTING = "fresh=1"  # a query that no page knows
LANGUAGE = re.compile(rf"^/?(?:{'|'.join(code.lower() for code, _ in settings.LANGUAGES)})/")


@dataclass(frozen=True)
class Seen:
    """A page as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    route: str = ""


def everything_public(
    entrances: tuple[str, ...] = ENTRANCES, within: tuple[str, ...] = ("",)
) -> dict[str, Seen]:
    """Every page that a stranger reaches by following links, by address, of those that begin so; in
    English also past the caches, by a query that none of them has seen."""
    forget_pages()
    stranger, found, waiting = Client(), dict[str, Seen](), list(entrances)
    while waiting:
        address = waiting.pop()
        if address in found or address.startswith(PRIVATE) or not address.startswith(within):
            continue
        found[address] = _fetched(stranger, address)
        if not LANGUAGE.match(address):
            past = f"{address}{'&' if '?' in address else '?'}{BUSTING}"
            found[f"{address} past caches"] = _fetched(stranger, past)
        links = (unescape(link.decode()) for link in LINK.findall(found[address].body))
        waiting += [urljoin(address, link) for link in links if not link.startswith("//")]
    return found


def forget_pages() -> None:
    """Those that are kept for a second or two."""
    freshness.clear()
    sheets.forget()


def _fetched(stranger: Client, address: str) -> Seen:
    response = stranger.get(address)
    kept = {k: v for k, v in response.headers.items() if k not in HEADERS_OF_THE_MOMENT}
    body = OF_THE_MOMENT.sub(b"", response.getvalue())
    match = response.wsgi_request.resolver_match  # none where no address is like that
    return Seen(response.status_code, kept, body, LANGUAGE.sub("", match.route) if match else "")


def static_site(folder: Path) -> dict[str, Seen]:
    """Its files, each as if it were fetched; those that are the same for all sites are left out."""
    StaticSite(Campaign.objects.get(slug="arena"), folder).write()
    files = [file for file in folder.rglob("*") if file.is_file() and "static" not in file.parts]
    return {str(file.relative_to(folder)): Seen(200, {}, file.read_bytes()) for file in files}


def differences(before: dict[str, Seen], after: dict[str, Seen]) -> list[str]:
    return [a for a in sorted(before | after) if before.get(a) != after.get(a)]


def routes() -> set[str]:
    """All that the site answers to, but for the admin."""
    found = _routes(get_resolver().url_patterns)
    return {LANGUAGE.sub("", route) for route in found if not route.startswith("admin/")}


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, route)
        else:
            yield route
