"""The address a request comes from, and the prefix that stands for its network.

Anybody can send an X-Forwarded-For, and every proxy appends the address it was asked from. So only
the entries that our own proxies have made are believed: `TRUSTED_PROXIES` says how many there are.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

IPV4_BITS = 24
IPV6_BITS = 56  # what providers give one household
KEY_DIGITS = 16
WEEK_S = 7 * 24 * 3600

Address = IPv4Address | IPv6Address


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address, for `axes`, which locks out who guesses passwords; None if it is not
    known."""
    address = _address(request)
    return None if address is None else str(address)


def prefix_key(request: HttpRequest) -> str:
    """A name for the visitor's network that does not tell it: a keyed hash. "" if every visitor
    would have the same: behind a proxy that is not counted, all come from its address."""
    address = _address(request)
    if address is None or (settings.HTTPS and not settings.TRUSTED_PROXIES):
        return ""
    return hashed(f"{_week()} {prefix_of(address)}")


def _week() -> int:
    """The key changes with it, so nobody can follow a network for longer."""
    return int(timezone.now().timestamp()) // WEEK_S


def prefix_of(address: Address) -> str:
    bits = IPV4_BITS if isinstance(address, IPv4Address) else IPV6_BITS
    return str(ip_network((address, bits), strict=False))


def hashed(name: str) -> str:
    return salted_hmac("arena.limiting", name, algorithm="sha256").hexdigest()[:KEY_DIGITS]


def _address(request: HttpRequest) -> Address | None:
    peer = request.META.get("REMOTE_ADDR") or ""
    if not (proxies := settings.TRUSTED_PROXIES):
        return _parsed(peer)
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if len(said) < proxies:
        return _parsed(peer)  # it has come past a proxy
    return _parsed(said[-proxies]) or _parsed(peer)


def _parsed(text: str) -> Address | None:
    """Also with a port, as some proxies write it: 192.0.2.1:4711, [2001:db8::1]:4711."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
