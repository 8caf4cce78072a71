"""The public pages of the leaderboard: made for any site, and answered by the live one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from inspect import unwrap
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.views.decorators.http import require_safe

from arena.sites import LiveSite, Site, context_of

from .cached import Asked, by_snapshot, nothing_else


@dataclass(frozen=True)
class Visit:
    """What a page is made for: a site, and the choices of its reader; a static copy has none."""

    site: Site
    query: Mapping[str, str] = field(default_factory=dict)


View = Callable[..., HttpResponse]


class PublicPage:
    """A page as a function of a visit and the arguments in its address: `make` makes it for any
    site, and calling it, as Django calls a view, answers a request.

    What must take effect at the next request, such as withdrawn consent, is `asked` each time; the
    page gets the answer, and is cached for that answer alone. `cached` is another way to cache it.
    """

    def __init__(
        self,
        page: View,
        asked: Callable[..., Asked] = nothing_else,
        cached: Callable[[View], View] | None = None,
    ) -> None:
        self._page, self._asked = page, asked
        cached = cached or partial(by_snapshot, asked=self._asked_by)
        self._answer = require_safe(cached(self._view))
        update_wrapper(self, page)

    def make(self, visit: Visit, **arguments: Any) -> HttpResponse:
        """Raises Refused."""
        return self._page(visit, **arguments, **self._asked(visit, **arguments))

    def __call__(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        return self._answer(request, **arguments)

    def _view(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        return self._page(_visit(request), **arguments)

    def _asked_by(self, request: HttpRequest, **arguments: Any) -> Asked:
        return self._asked(_visit(request), **arguments)


def made_for(site: Site) -> HttpResponse:
    """The page at `site.path`, whatever decorators its view has. Raises Refused."""
    view, _, arguments = resolve(site.path)
    page = unwrap(view, stop=lambda each: isinstance(each, PublicPage))
    response: HttpResponse = page.make(Visit(site), **arguments)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def rendered(visit: Visit, template: str, context: Mapping[str, Any], **how: Any) -> HttpResponse:
    """The page of a template; `how`: status and content type."""
    return SimpleTemplateResponse(template, {**context, **context_of(visit.site)}, **how)


def _visit(request: HttpRequest) -> Visit:
    return Visit(LiveSite(request), request.GET)
