"""The leaderboard of a campaign as files, for any web host.

The pages are requested from the site itself, starting from the board and following links. Links are
made relative, so the folder works under any address, or from a disk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse

from arena.errors import Code, Refused
from arena.models import Campaign

from .. import freshness
from ..pages.finding import overall

LINK = re.compile(r'\b(href|src|content)="(/[^"]*)"')
PARAMETER_ONLY = re.compile(r'\bhref="\?[^"]*"')


class StaticSite:
    """Writes pages below a folder; `pages` counts them, and `written` is called for each. `url` is
    the address of the folder: link previews need the absolute address of the picture."""

    def __init__(
        self,
        campaign: Campaign,
        folder: Path,
        written: Callable[[int], None] | None = None,
        url: str = "",
    ) -> None:
        """Raises Refused."""
        from django.test import Client  # slow to import, and few processes write a static site

        check(campaign)
        self._start = reverse("campaign_leaderboard", args=[campaign.slug])
        self._scope = (
            self._start,
            reverse("snapshot", args=["x"])[:-2],
            f"/{settings.STATIC_URL.strip('/')}/",
        )
        host = next(iter(settings.ALLOWED_HOSTS), "localhost")
        self._folder, self._client = folder, Client(headers={"host": host}, STATIC_SITE="1")
        self._written, self._url = written, url and url.rstrip("/") + "/"
        self.pages = 0

    def write(self) -> None:
        freshness.clear()  # cached pages for visitors differ slightly from those for files
        seen = {self._start}
        waiting = [self._start]
        while waiting:
            for found in self._save(waiting.pop()):
                if found not in seen:
                    seen.add(found)
                    waiting.append(found)
        freshness.clear()

    def _save(self, path: str) -> Iterator[str]:
        body, is_page = self._read(path)
        if not is_page:
            self._put(self._file(path), body)
            return
        text = body.decode()
        front = ["index.html"] if path == self._start else []  # the board is the front page too
        for file in (self._file(path), *front):
            self._put(file, self._relative(text, file).encode())
            self.pages += 1
        if self._written:
            self._written(self.pages)
        for _, link in LINK.findall(text):
            if self._is_inside(urlsplit(link).path):
                yield urlsplit(link).path
        for name in re.findall(r'href="([\w-]+\.csv)"', text):
            yield posixpath.join(path, name)

    def _put(self, file: str, body: bytes) -> None:
        target = self._folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)

    def _read(self, path: str) -> tuple[bytes, bool]:
        static = self._scope[-1]
        if path.startswith(static):
            with staticfiles_storage.open(path.removeprefix(static)) as file:
                return file.read(), False
        response = self._client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answers {response.status_code}.")
        return response.content, response["Content-Type"].startswith("text/html")

    def _is_inside(self, path: str) -> bool:
        return path.startswith(self._scope)

    def _file(self, path: str) -> str:
        """The file of a path; a folder gets an index."""
        name = path.lstrip("/")
        return f"{name}index.html" if name.endswith("/") else name

    def _relative(self, text: str, page: str) -> str:
        """The page's text with links made relative to its file."""
        here = posixpath.dirname(page)

        def link(match: re.Match[str]) -> str:
            goal = urlsplit(match[2]).path
            # Links to pages that are not written, such as battles, lead to the front page.
            file = self._file(goal) if self._is_inside(goal) else "index.html"
            near = posixpath.relpath(file, here or ".")
            is_far = match[1] == "content" and self._url
            return f'{match[1]}="{self._url + file if is_far else near}"'

        return LINK.sub(link, PARAMETER_ONLY.sub('href=""', text))


def check(campaign: Campaign) -> None:
    """Raises Refused."""
    if campaign.visibility == Campaign.Visibility.INVITATION:
        raise Refused(
            f"“{campaign}” is by invitation: its leaderboard is not public.",
            code=Code.NOTHING_TO_PUBLISH,
        )
    if overall(campaign) is None:
        raise Refused(
            f"“{campaign}” has no ratings yet: there is nothing to publish.",
            code=Code.NOTHING_TO_PUBLISH,
        )
