"""Where this site is on the web: the beginning of every whole address that a page prints."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str:
    """`SITE_URL`, else as the visitor addressed it; without a slash at its end."""
    return str(settings.SITE_URL) or f"{request.scheme}://{request.get_host()}"
