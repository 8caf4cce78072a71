"""Which pages may open a websocket: those of this site, by scheme, host and port.

As for forms (`CsrfViewMiddleware`): the origin of the request itself, or one of
CSRF_TRUSTED_ORIGINS. Channels' own validator compares the host alone, so a page on another port of
the same machine would pass.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from .web_life import Application, Receive, Send


def own_origin(application: Application) -> Application:
    denier: Any = WebsocketDenier()

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        allowed = application if is_ours(dict(scope["headers"])) else denier
        await allowed(scope, receive, send)

    return answer


def is_ours(headers: dict[bytes, bytes]) -> bool:
    """Browsers always send an origin; whatever sends none is no page."""
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not origin or not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    scheme = "https" if _is_secure(headers) else "http"
    return origin == f"{scheme}://{host}" or any(
        _is_trusted(origin, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS
    )


def _is_trusted(origin: str, trusted: str) -> bool:
    """A star stands for any host below a domain."""
    theirs, ours = urlsplit(origin), urlsplit(trusted.lower())
    if ours.netloc.startswith("*"):
        return theirs.scheme == ours.scheme and is_same_domain(theirs.netloc, ours.netloc[1:])
    return origin == trusted.lower()


def _is_secure(headers: dict[bytes, bytes]) -> bool:
    forwarded = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
    return settings.HTTPS and forwarded.split(",")[0].strip() == "https"
