"""Addresses of APIs, as people type them. Django's own check rejects names without a dot, which
servers on a private network have."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

_PLACEHOLDER = re.compile(r"\{\w+\}")
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.IGNORECASE)


def web_address(url: str) -> None:
    """Raises ValidationError, with what to change, unless `url` is one of http or https."""
    if why := _objection(url):
        raise ValidationError(why, code="web_address")


def _objection(url: str) -> str:
    if found := _PLACEHOLDER.search(url):
        return f"Replace {found[0]} in the address with your own."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not an address: check its brackets and its port."
    said = f", not {parts.scheme}:" if parts.scheme else ""
    found_wrong = {
        f"Begin the address with https:// or http://{said}": parts.scheme not in ("http", "https"),
        "Leave names and passwords out of the address.": parts.username is not None,
        "This is not an address: write it as https://api.example.com/v1": (
            not _HOST.fullmatch(host) or any(char.isspace() for char in url)
        ),
        "Leave the # and what follows it out of the address.": "#" in url,
    }
    return next((sentence for sentence, is_wrong in found_wrong.items() if is_wrong), "")
