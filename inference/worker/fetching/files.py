"""Downloads one file, and goes on where it was interrupted.

What has arrived is kept beside a note of the server's version of the file (ETag or Last-Modified),
so that never two versions are mixed. With a SHA-256 that is checked at the end no note is needed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from inference.contract.beginnings import ENOUGH, other_kind
from inference.contract.errors import EngineError
from inference.contract.fetching import Part
from inference.contract.limits import FETCHING

from .web import AGAIN, Web, backoff, body_of, pause_of

_BLOCK = 1 << 16
_CHECK_DISK_EVERY = 64 << 20  # bytes
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


@dataclass
class Download:
    """A file on its way. `heard` is called with the bytes there are and the bytes there will be (0
    if unknown), `paused` with seconds and a reason; both may raise to stop."""

    web: Web
    url: str
    part: Part
    file: Path
    refusal: Callable[[httpx.Response], EngineError]
    heard: Callable[[int, int], None]
    paused: Callable[[float, str], None]
    _whole: bool = False
    _asked_pause: float | None = None  # seconds, by the server

    def run(self) -> None:
        """Download until the file is whole. Raises EngineError, permanent, if that cannot be."""
        failures = 0
        while not self._is_whole():
            before = self.size
            try:
                self._receive()
                failures = 0
            except EngineError as error:
                failures = 1 if self.size > before else failures + 1
                if error.permanent or failures > FETCHING.retries:
                    raise
                asked, self._asked_pause = self._asked_pause, None
                self.paused(backoff(failures) if asked is None else asked, str(error))

    @property
    def size(self) -> int:
        return self.file.stat().st_size if self.file.exists() else 0

    def _is_whole(self) -> bool:
        return self._whole or (bool(self.part.bytes) and self.size == self.part.bytes)

    @property
    def _note(self) -> Path:
        return self.file.with_name(f"{self.file.name}.version")

    def _receive(self) -> None:
        have = self.size
        with self.web.get(self.url, self._asked_for(have)) as response:
            match response.status_code:
                case 206 if _start_of(response) == have:
                    self._append(response, have)
                case 200:
                    self._begin(response)
                    self._append(response, 0)
                case 206 | 416 if have:
                    self._compare_length(response, have)
                case status:
                    raise self._refused(response, status)

    def _asked_for(self, have: int) -> dict[str, str]:
        """A range, if what there is can be continued; otherwise everything."""
        version = self._note.read_text() if self._note.exists() else ""
        if not have or not (version or self.part.sha256):
            return {}
        condition = {} if self.part.sha256 else {"if-range": version}
        return {"range": f"bytes={have}-", **condition}

    def _begin(self, response: httpx.Response) -> None:
        version = response.headers.get("etag", "")
        if not version or version.startswith("W/"):  # a weak one says nothing of the bytes
            version = response.headers.get("last-modified", "")
        self._note.write_text(version if version.isascii() else "")  # else no header can carry it
        self.file.unlink(missing_ok=True)

    def _append(self, response: httpx.Response, have: int) -> None:
        left = response.headers.get("content-length", "")
        total = have + int(left) if left.isdecimal() else self.part.bytes
        self._check_room(have, total)
        with self.file.open("ab") as file:
            for block in response.iter_raw(_BLOCK):
                if not have:
                    _check_magic(block, self.url)
                file.write(block)
                have += len(block)
                self._check_length(have, total)
                self.heard(have, total)
        if total and have < total:
            raise EngineError("The connection ended early.", permanent=False)
        self._whole = True

    def _check_room(self, have: int, total: int) -> None:
        if self.part.bytes and total and total != self.part.bytes:
            raise EngineError(
                f"The server's file has {total:,} bytes, and should have {self.part.bytes:,}. "
                "Start again from the list of files.",
                permanent=True,
            )
        free = shutil.disk_usage(self.file.parent).free
        if total - have > free - FETCHING.spare_bytes:
            raise no_room(total - have, free)

    def _check_length(self, have: int, total: int) -> None:
        if total and have > total:
            raise EngineError("The server sent more bytes than it said.", permanent=True)
        if have % _CHECK_DISK_EVERY < _BLOCK:
            free = shutil.disk_usage(self.file.parent).free
            if free < FETCHING.spare_bytes:
                raise no_room(0, free)

    def _compare_length(self, response: httpx.Response, have: int) -> None:
        """After an answer to a range other than the one asked for: it is whole, or begins again."""
        found = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if found and found[2] == str(have) and self.part.bytes in (0, have):
            self._whole = True
        else:
            self.file.unlink(missing_ok=True)
            raise EngineError("The file has changed on its server: begun again.", permanent=False)

    def _refused(self, response: httpx.Response, status: int) -> EngineError:
        error = self.refusal(response)
        self._asked_pause = pause_of(response) if status in AGAIN else None
        if self._asked_pause is not None and self._asked_pause > FETCHING.longest_pause_s:
            error.permanent = True
        return error


def plain_refusal(response: httpx.Response) -> EngineError:
    """What a server that is no hub means."""
    status, host = response.status_code, response.url.host
    meaning = {
        401: "it wants a log-in, which downloads from plain addresses do not have",
        403: "it does not allow this download",
        404: "there is no such file. Check the address",
        410: "the file is gone",
        429: "it gets too many requests from here",
    }.get(status, " ".join(body_of(response).split())[:200] or "nothing")
    return EngineError(f"{host} answered {status}: {meaning}.", permanent=status not in AGAIN)


def no_room(needed: int, free: int) -> EngineError:
    needs = f"{needed / 1e9:,.1f} GB more are needed, and " if needed else ""
    return EngineError(
        f"The disk of the model worker is too full: {needs}{free / 1e9:,.1f} GB are free, of which "
        f"{FETCHING.spare_bytes / 1e9:,.1f} GB stay free. Make room, then resume.",
        permanent=True,
    )


def sha256_of(file: Path, seen: Callable[[int], None]) -> str:
    """`seen` is called with the bytes read; it may raise to stop."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as handle:
        while block := handle.read(64 * _BLOCK):
            digest.update(block)
            done += len(block)
            seen(done)
    return digest.hexdigest()


def _check_magic(block: bytes, url: str) -> None:
    if found := other_kind(block[:ENOUGH]):
        raise EngineError(
            f"There is no GGUF file at {url.partition('?')[0]}, but {found}. Check the address.",
            permanent=True,
        )


def _start_of(response: httpx.Response) -> int | None:
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    return int(found[1]) if found and found[1] else None
