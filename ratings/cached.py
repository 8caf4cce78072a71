"""Public pages, rendered once for each state of the boards and kept in the process.

A page is a function of its URL and the newest snapshot. For `FRESH_S` it is not even asked which
that is, so a page costs little more than no page at all; a vote still shows within two seconds.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.response import SimpleTemplateResponse

from .models import Snapshot

FRESH_S = 0.4
STALE_S = 30.0  # names and cards may be edited without a new snapshot
MOST_PAGES = 256
MOST_QUERY = 400
MOMENT_S = 1.0
View = Callable[..., HttpResponse]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Page:
    body: bytes
    zipped: bytes
    content_type: str
    etag: str
    snapshot: int | None
    made: float
    asked: float


_pages: OrderedDict[str, Page] = OrderedDict()
_lock = threading.Lock()


_moments: dict[tuple[object, ...], tuple[float, object]] = {}


def clear() -> None:
    with _lock:
        _pages.clear()
        _moments.clear()


def for_a_moment(question: Callable[P, T]) -> Callable[P, T]:
    """For what every page asks and what seldom changes, such as which campaigns there are: asked
    once a second. Arguments must be hashable, and few."""

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (question, *args, *sorted(kwargs.items()))
        now = time.monotonic()
        at, answer = _moments.get(key, (-MOMENT_S, None))
        if now - at >= MOMENT_S:
            answer = question(*args, **kwargs)
            _moments[key] = now, answer
        return cast(T, answer)

    return asked


def by_snapshot(view: View) -> View:
    """For GET pages that are the same for everybody. Others' pages, errors and whatever looks at
    the visitor's session go through as they are."""

    @wraps(view)
    def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.get_full_path()
        if request.method != "GET" or len(request.META.get("QUERY_STRING", "")) > MOST_QUERY:
            return view(request, *args, **kwargs)
        page = _fresh(key)
        if page is None:
            newest = _newest()
            response = view(request, *args, **kwargs)
            if not _is_public(request, response):
                return response
            page = _keep(key, response, newest)
        return _answer(request, page)

    return cached


def _fresh(key: str) -> Page | None:
    now = time.monotonic()
    page = _pages.get(key)
    if page is None or now - page.made > STALE_S:
        return None
    if now - page.asked > FRESH_S:
        if _newest() != page.snapshot:
            return None
        page.asked = now
    return page


def _newest() -> int | None:
    return Snapshot.objects.order_by("-pk").values_list("pk", flat=True).first()


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    session = getattr(request, "session", None)
    personal = bool(response.cookies) or "CSRF_COOKIE" in request.META
    return (
        response.status_code == 200
        and not personal
        and not getattr(session, "accessed", False)
        and not response.streaming
    )


def _keep(key: str, response: HttpResponse, newest: int | None) -> Page:
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    now = time.monotonic()
    body = response.content
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    page = Page(
        body, gzip.compress(body, 1, mtime=0), response["Content-Type"], etag, newest, now, now
    )
    with _lock:
        _pages[key] = page
        _pages.move_to_end(key)
        while len(_pages) > MOST_PAGES:
            _pages.popitem(last=False)
    return page


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    if request.headers.get("If-None-Match") == page.etag:
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(page.zipped, content_type=page.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(page.body, content_type=page.content_type)
    response["ETag"] = page.etag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-cache"  # ask each time: the answer is mostly "unchanged"
    return response
