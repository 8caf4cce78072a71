"""The site that a page is made for. It makes every link of the page.

The live site links by address. A copy in files (`ratings.static_site.files`) links from file to
file, and learns that way which files it needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language, override

from people.origins import origin_of

SOMEWHERE = "http://localhost"
CHOICE = "choose_language"  # in a query: remember this language (`arena.middleware`)


@dataclass(frozen=True)
class Edition:
    """A page in one of the languages of the interface; `name` is the language's own."""

    language: str
    name: str
    origin: str
    path: str
    query: str

    @property
    def is_here(self) -> bool:
        return self.language == get_language()

    @property
    def is_default(self) -> bool:
        """Whether it is the one for readers of any language that the site does not have."""
        return self.language == settings.LANGUAGE_CODE

    @property
    def address(self) -> str:
        return self.origin + self.path

    @property
    def choice(self) -> str:
        """A link to it that also remembers the language."""
        chosen = f"{CHOICE}={self.language}"
        return _with(f"{self.query}&{chosen}" if self.query else chosen, self.path)


class Site(ABC):
    """A site as one of its pages sees it.

    Attributes:
        is_live: whether it can answer questions: filters, sorting, the API.
        path: the page's address on the live site, without the host.
        origin: the beginning of absolute addresses, without a trailing slash; empty if unknown.
    """

    is_live: ClassVar[bool]
    path: str

    @property
    @abstractmethod
    def origin(self) -> str: ...

    @property
    def editions(self) -> list[Edition]:
        """The page in every language, if there is more than one."""
        return []

    @property
    def has_chats(self) -> bool:
        return self.is_live and bool(settings.NAMED_CHATS)

    @abstractmethod
    def link(self, name: str, *arguments: object, query: str = "") -> str:
        """A link to the page of that name (`urls.py`). A query is for live sites only."""

    @abstractmethod
    def beside(self, file: str, query: str = "") -> str:
        """A link to a file in the folder of this page."""

    @abstractmethod
    def asset(self, path: str) -> str:
        """A link to a style, script or picture (`static/`)."""

    @abstractmethod
    def address(self, name: str, *arguments: object, query: str = "") -> str:
        """The absolute address of a page, for use outside the site. Where the origin is unknown, a
        link."""

    def identity(self, name: str, *arguments: object, query: str = "") -> str:
        """A name for ever, as feeds need it, even where the origin is unknown."""
        return (self.origin or SOMEWHERE) + _with(query, path_of(name, *arguments))


class LiveSite(Site):
    """The site as its visitors see it. Without a request its origin is `SITE_URL` alone."""

    is_live = True

    def __init__(self, request: HttpRequest | None = None) -> None:
        self._request = request
        self.path = request.path if request else ""

    @property
    def origin(self) -> str:
        return origin_of(self._request) if self._request else str(settings.SITE_URL)

    @property
    def editions(self) -> list[Edition]:
        """Of a page that was read: what a form has sent can't be sent again by a link."""
        request = self._request
        if request is None or request.method not in ("GET", "HEAD"):
            return []
        paths = {language: self._path_in(language) for language, _ in settings.LANGUAGES}
        if len(set(paths.values())) == 1:
            return []
        query = request.META.get("QUERY_STRING", "")
        return [
            Edition(language, name, self.origin, paths[language], query)
            for language, name in settings.LANGUAGES
        ]

    def _path_in(self, language: str) -> str:
        """The address of this page in another language."""
        at = self._request.resolver_match if self._request else None
        if at is None or not at.url_name:
            return self.path
        with override(language):
            return path_of(at.view_name, *at.kwargs.values())

    def link(self, name: str, *arguments: object, query: str = "") -> str:
        return _with(query, path_of(name, *arguments))

    def beside(self, file: str, query: str = "") -> str:
        """Files have one language: those of a translated page are beside the original."""
        original = self._path_in(settings.LANGUAGE_CODE)
        return _with(query, file if original == self.path else original + file)

    def asset(self, path: str) -> str:
        return static(path)

    def address(self, name: str, *arguments: object, query: str = "") -> str:
        return self.origin + self.link(name, *arguments, query=query)


LIVE = LiveSite()


def context_of(site: Site) -> dict[str, Any]:
    """Context of every page."""
    return {"site": site, "site_name": settings.SITE_NAME}


def path_of(name: str, *arguments: object) -> str:
    """The address of a page on the live site in the language in use, without the host. Cached: a
    page has two dozen links, mostly the same as every other page, and resolving them took a twelfth
    of its time."""
    return _path(get_script_prefix(), get_language(), name, arguments)


@lru_cache(maxsize=4096)
def _path(prefix: str, language: str, name: str, arguments: tuple[object, ...]) -> str:
    return reverse(name, args=arguments)


def _with(query: str, address: str) -> str:
    return f"{address}?{query}" if query else address
