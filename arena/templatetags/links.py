"""Links of templates, each made by the `site` in the context (`arena.sites`).

`{% link 'name' argument query=text %}` leads to a page, `{% beside 'file' %}` to a file in the
folder of this page, `{% asset 'css/base.css' %}` to a style, script or picture. `{% address %}` is
an absolute `{% link %}`. `{% current 'name' %}` marks the link to the page that is shown.
"""

from __future__ import annotations

from typing import cast

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from arena.sites import LIVE, Site, path_of

register = template.Library()


def _site(context: Context) -> Site:
    """Pages about errors may have no context."""
    return cast(Site, context.get("site", LIVE))


@register.simple_tag(takes_context=True)
def link(context: Context, name: str, *arguments: object, query: str = "") -> str:
    return _site(context).link(name, *arguments, query=query)


@register.simple_tag(takes_context=True)
def address(context: Context, name: str, *arguments: object, query: str = "") -> str:
    return _site(context).address(name, *arguments, query=query)


@register.simple_tag(takes_context=True)
def beside(context: Context, file: str, query: str = "") -> str:
    return _site(context).beside(file, query)


@register.simple_tag(takes_context=True)
def asset(context: Context, path: str) -> str:
    return _site(context).asset(path)


@register.simple_tag(takes_context=True)
def current(context: Context, name: str, below: bool = False) -> SafeString:
    """For the link to a page, if it is this one; with `below`, also if this one is below it."""
    here, goal = _site(context).path, path_of(name)
    is_here = here.startswith(goal) if below else here == goal
    return SafeString('aria-current="page"' if is_here else "")
