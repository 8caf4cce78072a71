"""What a text holds once its wrappings are off: base64 and what is compressed, one in the other."""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import urlsafe_b64decode

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_DEPTH = 3


def unwrapped(data: bytes) -> bytes:
    """The data, followed by everything that is wrapped in it."""
    found, layer = [data], [data]
    for _ in range(_DEPTH):
        layer = [inner for outer in layer for inner in _within(outer)]
        found += layer
    return b"\n".join(found)


def _within(data: bytes) -> list[bytes]:
    pieces = [_decoded(piece) for piece in _BASE64.findall(data)]
    return [inner for piece in (data, *pieces) for inner in (_inflated(piece),) if inner] + [
        piece for piece in pieces if piece
    ]


def _decoded(piece: bytes) -> bytes:
    plain = piece.rstrip(b"=").translate(bytes.maketrans(b"+/", b"-_"))
    try:
        return urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, 10_000_000)
    except zlib.error:
        return b""
