"""The leaderboard of a campaign as files, for any web host.

Starting from the board, each page is made for the copy instead of the live site; whatever it links
to is written next. Links are relative, so the folder works under any address, or from a disk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from arena.errors import Code, Refused
from arena.models import Campaign
from arena.sites import path_of

from ..pages.finding import overall
from ..pages.public import made_for
from .files import FRONT, Copy, FileSite

IMPORTS = re.compile(r"""\b(?:from|import)\s*\(?["'](\.[^"']+)["']""")


class StaticSite:
    """Writes pages below a folder; `pages` counts them, and `written` is called for each. `url` is
    the address of the folder: link previews need the absolute address of the picture."""

    def __init__(
        self,
        campaign: Campaign,
        folder: Path,
        written: Callable[[int], None] = lambda pages: None,
        url: str = "",
    ) -> None:
        """Raises Refused."""
        check(campaign)
        self._folder, self._written = folder, written
        self._start = path_of("campaign_leaderboard", campaign.slug)
        self._assets = f"/{settings.STATIC_URL.strip('/')}/"
        snapshots = path_of("snapshot", "x").removesuffix("x/")
        scope = (self._start, snapshots, self._assets)
        self._copy = Copy(scope, url and url.rstrip("/") + "/")
        self.pages = 0

    def write(self) -> None:
        """Raises OSError, and Refused if a page has gone meanwhile or can't be made."""
        seen, waiting = {self._start}, [self._start]
        while waiting:
            path = waiting.pop()
            linked = {found for file in self._files_of(path) for found in self._save(path, file)}
            waiting += sorted(linked - seen)
            seen |= linked

    def _files_of(self, path: str) -> Iterator[str]:
        yield self._copy.file_of(path)
        if path == self._start:
            yield FRONT

    def _save(self, path: str, file: str) -> set[str]:
        """Returns the addresses that this file needs."""
        if path.startswith(self._assets):
            with staticfiles_storage.open(path.removeprefix(self._assets)) as asset:
                body = asset.read()
            self._put(file, body)
            return _imported(path, body)
        site = FileSite(self._copy, path, file)
        made = made_for(site)
        if made.status_code != 200:
            raise Refused(
                f"The page {path} can't be made now (status {made.status_code}), so the copy is "
                "not complete. Write it again.",
                code=Code.NOTHING_TO_PUBLISH,
            )
        self._put(file, made.content)
        if made["Content-Type"].startswith("text/html"):
            self.pages += 1
            self._written(self.pages)
        return site.linked

    def _put(self, file: str, body: bytes) -> None:
        target = self._folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def _imported(path: str, asset: bytes) -> set[str]:
    """Addresses that a script imports, at once or when it needs them."""
    found = IMPORTS.findall(asset.decode()) if path.endswith(".js") else []
    return {posixpath.normpath(posixpath.join(posixpath.dirname(path), near)) for near in found}


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
