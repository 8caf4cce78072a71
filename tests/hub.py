"""A local Hugging Face Hub: listing, files behind redirects to a "CDN" on another port, ranges, and
its errors with their headers, as huggingface_hub reads them. `tests/peers/test_hub.py` has the
hub's own client confirm that.

The CDN can break off, send other bytes, ignore ranges, be busy and be slow.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.inference.worker.backends.local_server import LocalHandler, LocalServer, serving

COMMIT = "5f3ac1d2e4b69788c0a1b2c3d4e5f60718293a4b"
TOKEN = "hf_test_token_with_access"
OTHER_TOKEN = "hf_test_token_without_access"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BLOCK = 1 << 16
Headers = dict[str, str]


@dataclass
class Repo:
    files: dict[str, bytes]
    card: dict[str, Any] = field(default_factory=dict)  # the front matter of its README
    gated: bool = False
    private: bool = False


class HubServer(LocalServer):
    """`refusals` are sent first, one per request, as status and headers; `seen` holds the path and
    headers of every request."""

    def __init__(self, cdn: Cdn) -> None:
        super().__init__(HubHandler)
        self.cdn = cdn
        self.repos: dict[str, Repo] = {}
        self.refusals: list[tuple[int, Headers]] = []
        self.seen: list[tuple[str, Headers]] = []


class Cdn(LocalServer):
    """`breaks` says after how many bytes each coming response breaks off."""

    def __init__(self) -> None:
        super().__init__(CdnHandler)
        self.blobs: dict[str, bytes] = {}
        self.breaks: list[int] = []
        self.refusals: list[tuple[int, Headers]] = []
        self.ignores_ranges = False
        self.etags: dict[str, str] = {}
        self.bytes_per_s = 0.0  # 0: as fast as it goes
        self.seen: list[tuple[str, Headers]] = []

    @property
    def ranges(self) -> list[str]:
        """The ranges asked for, in order."""
        return [headers.get("range", "") for _, headers in self.seen]


class _Handler(LocalHandler):
    server: Any
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802
        said = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, said))
        if self.server.refusals:
            return self.refuse(*self.server.refusals.pop(0))
        return self.serve(urlsplit(self.path).path)

    do_HEAD = do_GET  # noqa: N815

    def serve(self, path: str) -> None:
        raise NotImplementedError

    def refuse(self, status: int, headers: Headers) -> None:
        said = {"error": headers.get("X-Error-Message", "refused")}
        self.reply(status, json.dumps(said).encode(), headers)

    def reply(self, status: int, body: bytes, headers: Headers) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class HubHandler(_Handler):
    server: HubServer

    def serve(self, path: str) -> None:
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
            self.list_files(found[1])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self.resolve(found[1], unquote(found[3]))
        else:
            self.refuse(
                404, {"X-Error-Message": "Sorry, we can't find the page you are looking for."}
            )

    @property
    def token(self) -> str:
        return (self.headers["authorization"] or "").removeprefix("Bearer ")

    def list_files(self, name: str) -> None:
        repo = self.found(name)
        if repo is None:
            return
        with_blobs = "blobs" in parse_qs(urlsplit(self.path).query)
        said = {
            "_id": "0" * 24, "id": name, "modelId": name, "sha": COMMIT, "private": repo.private,
            "gated": "manual" if repo.gated else False, "disabled": False, "tags": ["gguf"],
            "downloads": 1, "likes": 0, "createdAt": "2026-01-01T00:00:00.000Z",
            "cardData": repo.card,
            "siblings": [_sibling(p, c, with_blobs) for p, c in repo.files.items()],
        }  # fmt: skip
        body = json.dumps(said).encode()
        self.reply(200, body, {"Content-Type": "application/json; charset=utf-8"})

    def resolve(self, name: str, path: str) -> None:
        repo = self.found(name)
        if repo is None:
            return
        if repo.gated and self.token != TOKEN:
            status = 403 if self.token else 401
            told = f"Access to model {name} is restricted. You must have access to it."
            return self.refuse(status, {"X-Error-Code": "GatedRepo", "X-Error-Message": told})
        if path not in repo.files:
            told = "Entry not found"
            return self.refuse(404, {"X-Error-Code": "EntryNotFound", "X-Error-Message": told})
        self.send_file(path, repo.files[path])

    def send_file(self, path: str, content: bytes) -> None:
        headers = {"X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if not path.endswith(".gguf"):  # small files are served by the hub itself
            return self.reply(200, content, {**headers, "ETag": f'"{_git_id(content)}"'})
        digest = _sha256(content)
        self.server.cdn.blobs.setdefault(digest, content)
        linked = {
            "X-Linked-Size": str(len(content)),
            "X-Linked-Etag": f'"{digest}"',
            "Location": f"{self.server.cdn.url}/repos/{digest}?filename={quote(path)}",
        }
        self.reply(302, b"Found. Redirecting", {**headers, **linked})

    def found(self, name: str) -> Repo | None:
        """The repository; None after an error has been sent."""
        if self.token not in ("", TOKEN, OTHER_TOKEN):
            told = "Invalid credentials in Authorization header"
            self.refuse(401, {"X-Error-Message": told})
            return None
        repo = self.server.repos.get(name)
        if repo is None or (repo.private and self.token != TOKEN):
            told = "Repository not found" if self.token else "Invalid username or password."
            code = {"X-Error-Code": "RepoNotFound"} if self.token else {}
            self.refuse(404 if self.token else 401, {**code, "X-Error-Message": told})
            return None
        return repo


class CdnHandler(_Handler):
    server: Cdn

    def serve(self, path: str) -> None:
        digest = path.rpartition("/")[2]
        if (content := self.server.blobs.get(digest)) is None:
            return self.refuse(404, {"X-Error-Message": "Not found"})
        etag = self.server.etags.get(digest, f'"{digest[:32]}"')
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Content-Type": "binary/octet-stream"}
        asked = _RANGE.fullmatch(self.headers["range"] or "")
        same = self.headers["if-range"] in (None, etag)
        if not asked or not same or self.server.ignores_ranges:
            return self.stream(200, content, headers)
        begin, end = int(asked[1]), int(asked[2] or len(content) - 1)
        if begin >= len(content):
            return self.refuse(416, {"Content-Range": f"bytes */{len(content)}"})
        piece = content[begin : end + 1]
        span = f"bytes {begin}-{begin + len(piece) - 1}/{len(content)}"
        return self.stream(206, piece, {**headers, "Content-Range": span})

    def stream(self, status: int, content: bytes, headers: Headers) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        left = self.server.breaks.pop(0) if self.server.breaks else len(content)
        self.close_connection = left < len(content)
        try:
            for at in range(0, min(left, len(content)), _BLOCK):
                self.wfile.write(content[at : min(at + _BLOCK, left)])
                if self.server.bytes_per_s:
                    time.sleep(_BLOCK / self.server.bytes_per_s)
        except ConnectionError:
            self.close_connection = True


@contextmanager
def hub_server() -> Iterator[HubServer]:
    with serving(Cdn()) as cdn, serving(HubServer(cdn)) as hub:
        yield hub


def _sibling(path: str, content: bytes, with_blobs: bool) -> dict[str, Any]:
    if not with_blobs:
        return {"rfilename": path}
    said = {"rfilename": path, "size": len(content), "blobId": _git_id(content)}
    if path.endswith(".gguf"):
        lfs = {"sha256": _sha256(content), "size": len(content), "pointerSize": 135}
        said["lfs"] = lfs
    return said


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
