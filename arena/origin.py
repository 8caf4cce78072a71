"""The origin of this site: the beginning of every absolute URL that a page prints."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str:
    """`SITE_URL`, otherwise the host that the visitor used; without a trailing slash."""
    return str(settings.SITE_URL) or f"{request.scheme}://{request.get_host()}"
