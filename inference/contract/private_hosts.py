"""Hosts in private networks that model workers may ask, because the operator names them."""

from __future__ import annotations

import os
import re
from ipaddress import IPv6Address

VARIABLE = "FETCH_HOSTS"
THIS_MACHINE = "localhost, 127.0.0.1, [::1]"
_HOST = re.compile(
    r"(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>\d+))?"
)


def named(host: str, port: int) -> bool:
    """Whether it is one of them, alone or with this port."""
    entry = entry_for(host)
    return not {entry, f"{entry}:{port}"}.isdisjoint(_entries())


def entry_for(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def objections() -> list[str]:
    """What in FETCH_HOSTS names no host, one sentence each."""
    return [
        f"{VARIABLE} names {entry!r}, which is no host and allows nothing. Write it as "
        "gpu1.internal, 10.1.2.3:8080 or [fd00::1], without https:// and without a path."
        for entry in _entries()
        if not _is_host(entry)
    ]


def _entries() -> list[str]:
    return os.environ.get(VARIABLE, "").lower().replace(",", " ").split()


def _is_host(entry: str) -> bool:
    found = _HOST.fullmatch(entry)
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        return False
    return not found["host"].startswith("[") or _is_address(found["host"][1:-1])


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
