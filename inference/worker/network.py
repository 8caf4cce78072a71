"""What went wrong between a model worker and a server, in words for people."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

_WORDS = {
    errno.ECONNREFUSED: "nothing answers at this address",
    errno.ECONNRESET: "the server closed the connection",
    errno.EPIPE: "the server closed the connection",
    errno.ENETUNREACH: "its network cannot be reached from here",
    errno.EHOSTUNREACH: "its host cannot be reached from here",
    errno.ETIMEDOUT: "its host does not answer",
}
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "it does not speak TLS, which https:// asks for"),
    (socket.gaierror, "no host of this name is known"),
    (httpx.InvalidURL, "this is not an address of the web"),
    (httpx.UnsupportedProtocol, "this is not an address of the web"),
    (httpx.ProxyError, "the proxy on the way to it refused"),
    (httpx.ProtocolError, "the server broke off, or does not speak HTTP"),
)


def why(error: BaseException) -> str:
    """Part of a sentence, without its full stop."""
    return next(filter(None, map(_of, _behind(error))), "the connection failed")


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """The innermost errors first: outer ones only repeat them, or say less."""
    if error is None:
        return
    for inner in getattr(error, "exceptions", ()):  # of a group: one for each address of a host
        yield from _behind(inner)
    yield from _behind(error.__cause__ or error.__context__)
    yield error


def _of(error: BaseException) -> str:
    """ "" if it says nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    for kind, words in _KINDS:
        if isinstance(error, kind):
            return words
    if not isinstance(error, OSError) or not error.strerror:
        return ""
    said = error.strerror
    return _WORDS.get(error.errno or 0, said[:1].lower() + said[1:])
