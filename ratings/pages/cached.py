"""Public pages, rendered once for each state of the boards and cached in the process.

A page is a function of its whole address, host included, and the newest snapshot, so it is valid
for an epoch (`freshness`) and costs little more than no page at all.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.views.decorators.http import condition

from people.origins import origin_of

from ..freshness import epochs
from ..limits import REQUESTS

View = Callable[..., HttpResponse]
Asked = Mapping[str, Hashable]


@dataclass
class Page:
    zipped: bytes
    content_type: str
    etag: str


def nothing_else(*args: Any, **kwargs: Any) -> Asked:
    return {}


def by_snapshot(view: View, asked: Callable[..., Asked] = nothing_else) -> View:
    """For pages that are the same for everybody, by GET and HEAD, whatever cookies a browser sends.
    Errors, and pages that hold a form or use the visitor's session, are not cached.

    What must take effect at the next request, such as withdrawn consent, is `asked` each time; the
    view gets the answer, and the page is cached for that answer alone.
    """

    @wraps(view)
    def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        found = asked(request, *args, **kwargs)
        if len(request.META.get("QUERY_STRING", "")) > REQUESTS.query_characters:
            return view(request, *args, **kwargs, **found)
        key = (origin_of(request), request.get_full_path(), *found.items())
        epoch = epochs.now()
        page = cast("Page | None", epoch.find(key))
        if page is None:
            response = view(request, *args, **kwargs, **found)
            if not _is_public(request, response):
                return response
            page = _page(response)
            epoch.keep(key, page)
        return _answer(request, page)

    return cached


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    session = getattr(request, "session", None)
    # Set when a view asks for a form's token; "CSRF_COOKIE" only says that the browser has one.
    personal = bool(response.cookies) or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
    return (
        response.status_code == 200
        and not personal
        and not getattr(session, "accessed", False)
        and not response.streaming
    )


def _page(response: HttpResponse) -> Page:
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    zipped = gzip.compress(response.content, 1, mtime=0)
    # Weak, as the same page is sent with and without compression.
    etag = f'W/"{hashlib.sha256(zipped).hexdigest()[:20]}"'
    return Page(zipped, response["Content-Type"], etag)


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    response = _unless_unchanged(request, page)
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-cache"  # revalidate each time: the answer is mostly "unchanged"
    return response


@condition(etag_func=lambda request, page: page.etag)
def _unless_unchanged(request: HttpRequest, page: Page) -> HttpResponse:
    """No Last-Modified: it counts in whole seconds, and a board may change twice in one."""
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(gzip.decompress(page.zipped), content_type=page.content_type)
    response = HttpResponse(page.zipped, content_type=page.content_type)
    response["Content-Encoding"] = "gzip"
    return response
