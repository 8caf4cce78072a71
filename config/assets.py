"""How styles and scripts are kept for pages: compressed, each with the hash of what is in it in its
name, so that browsers may keep them for ever."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from servestatic.storage import CompressedManifestStaticFilesStorage

SHEETS = "css/sheets/"  # of imports, one a line: a page asks once for all the styles it has
IMPORT = re.compile(rb'@import "([^"]+)";')


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
