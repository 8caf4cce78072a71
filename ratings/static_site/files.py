"""The site as files: each links to others by relative path."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from django.contrib.staticfiles.storage import staticfiles_storage

from arena.sites import Site, path_of

FRONT = "index.html"


@dataclass(frozen=True)
class Copy:
    """A copy of some pages.

    Attributes:
        scope: beginnings of the addresses it has; links to others lead to its front page.
        url: where it will be, with a trailing slash; empty if unknown.
    """

    scope: tuple[str, ...]
    url: str = ""

    def file_of(self, path: str) -> str:
        """The file of an address; a folder gets an index."""
        if not path.startswith(self.scope):
            return FRONT
        name = path.lstrip("/")
        return f"{name}{FRONT}" if name.endswith("/") else name


class FileSite(Site):
    """A copy as one of its files sees it. `linked` collects the addresses that the file links to
    and that the copy has."""

    is_live = False

    def __init__(self, copy: Copy, path: str, file: str = "") -> None:
        self.path = path
        self.file = file or copy.file_of(path)
        self.linked: set[str] = set()
        self._copy = copy

    @property
    def origin(self) -> str:
        return self._copy.url.rstrip("/")

    def link(self, name: str, *arguments: object, query: str = "") -> str:
        return self._near(path_of(name, *arguments))

    def beside(self, file: str, query: str = "") -> str:
        return self._near(posixpath.join(self.path, file))

    def asset(self, path: str) -> str:
        return self._near(staticfiles_storage.url(path))

    def address(self, name: str, *arguments: object, query: str = "") -> str:
        near = self.link(name, *arguments)
        url = self._copy.url
        return url + self._copy.file_of(path_of(name, *arguments)) if url else near

    def _near(self, path: str) -> str:
        if path.startswith(self._copy.scope):
            self.linked.add(path)
        return posixpath.relpath(self._copy.file_of(path), posixpath.dirname(self.file) or ".")
