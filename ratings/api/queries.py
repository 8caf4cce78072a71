"""The parameters of an API call, read as the description says. Nothing is guessed: a request for
something that does not exist is rejected."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest

from arena.errors import Code, Refused

from ..limits import REQUESTS
from ..presentation.choices import Choices, checked
from .description import LAST, OPENAPI

BOARD = ("slice", "style", "method", "ties")


def path_of(request: HttpRequest) -> str:
    """The requested path as the description writes it, such as /api/v1/snapshots/{public_id}/."""
    route = request.resolver_match.route if request.resolver_match else ""
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def check(request: HttpRequest) -> None:
    """Raises Refused for parameters that are not described, or given twice. Of an address that is
    not described its view says that there is none."""
    described: dict[str, Any] | None = OPENAPI["paths"].get(path_of(request))
    if described is None:
        return
    parameters = described["get"]["parameters"]
    known = [each["name"] for each in parameters if each["in"] == "query"]
    if unknown := [name for name in request.GET if name not in known]:
        takes = f"It takes: {', '.join(known)}." if known else "It takes none."
        raise bad(f"This address has no parameter {', '.join(unknown)[:200]}. {takes}")
    if again := [name for name, values in request.GET.lists() if len(values) > 1]:
        raise bad(f"Give {', '.join(again)} only once.")


def choices_of(request: HttpRequest) -> Choices:
    """The board that is asked for. Raises Refused, also for boards that are never computed."""
    choices = Choices.of(request.GET)
    for name in BOARD:
        if checked(name, request.GET.get(name, "").strip()) and not getattr(choices, name):
            raise bad(
                f"No board has this combination: leave out {name}, or the other choices of a board."
            )
    return choices


def page_of(request: HttpRequest) -> tuple[int, int]:
    """Page number and results per page. Raises Refused."""
    per_page = whole(request, "per_page", REQUESTS.results, REQUESTS.most_results)
    return whole(request, "page", 1, LAST), per_page


def whole(request: HttpRequest, name: str, usual: int, most: int) -> int:
    text = request.GET.get(name) or str(usual)
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= most:
        raise bad(f"{name} must be a whole number from 1 to {most}.")
    return int(text)


def bad(says: str) -> Refused:
    return Refused(says, code=Code.BAD_REQUEST, status=400)
