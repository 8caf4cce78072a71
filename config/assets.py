"""How styles and scripts are kept for pages: compressed, each with the hash of what is in it in its
name, so that browsers may keep them for ever."""

from __future__ import annotations

import fcntl
import hashlib
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import servestatic
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.management import call_command
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEETS = "css/sheets/"  # of imports, one a line: a page asks once for all the styles it has
IMPORT = re.compile(rb'@import "([^"]+)";')


def collect() -> None:
    """Collect the files of this release for this host, one process after the other, unless they are
    as they were the last time: to compare all of them takes longer than all else that `prepare`
    does, and whoever restarts is in a hurry."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "static.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state, seen = settings.VAR / "static.sha256", _state()
        is_there = (Path(settings.STATIC_ROOT) / Assets.manifest_name).exists()
        if is_there and state.exists() and state.read_text() == seen:
            return
        call_command("collectstatic", verbosity=0, interactive=False)
        state.write_text(seen)


def _state() -> str:
    """Changes with each file, and with what makes of it what browsers get."""
    found = hashlib.sha256(f"{django.__version__} {servestatic.__version__}".encode())
    sources = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    for source in sorted([*sources, __file__]):
        about = Path(source).stat()
        found.update(f"{source} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


class Assets(CompressedManifestStaticFilesStorage):
    """Names in `import` of a script get their hash too: what it loads is of its own version. A
    sheet has what it imports in it; as it was written, without a hash, it works too."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[Any]:
        whole = {
            path: (Joined(source), name) if path.startswith(SHEETS) else (source, name)
            for path, (source, name) in paths.items()
        }
        yield from super().post_process(whole, **options)


class Joined(Storage):
    """Reads styles with all that they import."""

    def __init__(self, source: Storage) -> None:
        self._source = source

    def open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        def imported(found: re.Match[bytes]) -> bytes:
            return self._read(posixpath.join(posixpath.dirname(name), found[1].decode()))

        return ContentFile(IMPORT.sub(imported, self._read(name)))

    def _read(self, name: str) -> bytes:
        with self._source.open(posixpath.normpath(name)) as file:
            content: bytes = file.read()
        return content
