"""Boards of thousands of models are split into pages. Filters and sorting apply to the whole board;
only the drawing is limited to the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from arena.sites import Site

from .choices import refusal
from .lines import Line

WHOLE = 200  # up to this many lines a board is one page
PAGE = 100
ALL = "all"


class Turn(NamedTuple):
    """A link of the pager; without an address it is a gap or the current page."""

    words: str
    href: str = ""
    is_here: bool = False


@dataclass(frozen=True)
class Address:
    """Links to the pages of a board: query parameters or, in a static copy, which has none, pages
    of their own with that name, for that key."""

    site: Site
    query: str
    name: str
    key: str

    def __call__(self, page: str) -> str:
        if not self.site.is_live:
            return self.site.link(self.name, self.key, page)
        return f"?{self.query}{'&' if self.query else ''}page={page}"


@dataclass(frozen=True)
class Paging:
    """A long board, and the requested part of it."""

    total: int
    page: Page[Line] | None  # None: all of it
    address: Address

    @property
    def turns(self) -> list[Turn]:
        """Links to the neighbours, first and last."""
        if self.page is None:
            return []
        here = self.page.number
        found = []
        for each in self.page.paginator.get_elided_page_range(here, on_each_side=1, on_ends=1):
            known = isinstance(each, int)
            found.append(Turn(str(each), self.address(str(each)) if known else "", each == here))
        return found

    @property
    def before(self) -> str:
        return self._beside(-1)

    @property
    def after(self) -> str:
        return self._beside(1)

    def _beside(self, way: int) -> str:
        if self.page is None or not 1 <= self.page.number + way <= self.page.paginator.num_pages:
            return ""
        return self.address(str(self.page.number + way))

    @property
    def everything(self) -> str:
        """Link to all lines; empty in a static copy, which has a file per page, and CSV for all."""
        return self.address(ALL) if self.page and self.address.site.is_live else ""

    @property
    def paged(self) -> str:
        return self.address("1") if self.page is None else ""


def asked(query_or_folder: str) -> str:
    """The requested page: a number, or all. Raises Refused."""
    text = query_or_folder.strip()
    if text and text != ALL and not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise refusal("page", text[:80], _("a number from 1, or %(all)s") % {"all": ALL})
    return text


def page_of(lines: Sequence[Line], page: str) -> Page[Line] | None:
    """The page of a long board; the last one if beyond its end, as after a narrower filter."""
    if page == ALL or len(lines) <= WHOLE:
        return None
    return Paginator(lines, PAGE).get_page(page or 1)
