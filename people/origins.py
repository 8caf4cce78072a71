"""The beginning of addresses that people copy, and whether others can use them."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

HERE = {"localhost", "127.0.0.1", "::1"}
SET_IT = "Set SITE_URL to the address that others use."


def origin_of(request: HttpRequest) -> str:
    """`SITE_URL`, otherwise the host that the visitor used; without a trailing slash."""
    return str(settings.SITE_URL) or f"{request.scheme}://{request.get_host()}"


def doubt_of(request: HttpRequest) -> str:
    """Why others may not be able to open an address that begins like that, and what to do; "" where
    there is no doubt."""
    origin = origin_of(request)
    if (urlsplit(origin).hostname or "") in HERE:
        return f"Only this computer can open it: it begins with {origin}. {SET_IT}"
    if settings.SITE_URL or "*" not in settings.ALLOWED_HOSTS:
        return ""
    return (
        f"It begins with {origin} because your browser asked for that: ALLOWED_HOSTS has *, so any "
        f"host is believed. {SET_IT}"
    )
