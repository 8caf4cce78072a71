"""The SHA-256 of files that arrive in pieces, kept up as they come: no request reads a large file
again from its beginning."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

AT_ONCE = 64 << 20  # bytes read for one piece: another process may have taken the earlier ones
BLOCK = 1 << 20
MOST = 16  # files that arrive at the same time

_growing: OrderedDict[Path, Growing] = OrderedDict()
_lock = threading.Lock()


class Growing:
    def __init__(self) -> None:
        self.read = 0
        self._digest = hashlib.sha256()

    def catch_up(self, file: Path) -> bool:
        """Read on, and say whether the end was reached."""
        most = self.read + AT_ONCE
        with file.open("rb") as handle:
            handle.seek(self.read)
            while self.read < most and (block := handle.read(min(BLOCK, most - self.read))):
                self._digest.update(block)
                self.read += len(block)
            return not handle.read(1)

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()


def of_growing(file: Path) -> str:
    """The SHA-256 of what there is; "" if more is left to read, so ask again. Only one thread at a
    time may ask about a file."""
    with _lock:
        growing = _growing.setdefault(file, Growing())
        _growing.move_to_end(file)
        while len(_growing) > MOST:
            _growing.popitem(last=False)
    return growing.digest if growing.catch_up(file) else ""


def forget(file: Path) -> None:
    """Another one with this name begins, or this one has ended."""
    with _lock:
        _growing.pop(file, None)
