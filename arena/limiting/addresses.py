"""The address a request comes from, and the prefix that stands for its network.

Anybody can send an X-Forwarded-For, and every proxy appends the address it was asked from. So only
the entries that our own proxies have made are believed: `TRUSTED_PROXIES` says how many there are.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

IPV4_BITS = 24
IPV6_BITS = 56  # what providers give one household
KEY_DIGITS = 16
WEEK_S = 7 * 24 * 3600

Address = IPv4Address | IPv6Address


def guesser(request: HttpRequest) -> str | None:
    """The address that `axes` locks out when somebody guesses passwords from it: of IPv6, of which
    one household has more than anybody can count, the first of its network. None if not known."""
    address = _address(request)
    if isinstance(address, IPv6Address):
        return prefix_of(address).partition("/")[0]
    return None if address is None else str(address)


def prefix_key(request: HttpRequest) -> str:
    """A name for the visitor's network that does not tell it: a keyed hash. "" if it is unknown."""
    prefix = _prefix(_address(request))
    return hashed(f"{_week()} {prefix}") if prefix else ""


def prefix_in(scope: dict[str, Any]) -> str:
    """The network that an ASGI request comes from; "" if it is unknown."""
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer, _port = scope.get("client") or ("", 0)
    return _prefix(_chosen(peer, b",".join(said).decode("latin-1")))


def _prefix(address: Address | None) -> str:
    """Empty if every visitor would have the same: behind a proxy that is not counted, all come from
    its address."""
    if address is None or (settings.HTTPS and not settings.TRUSTED_PROXIES):
        return ""
    return prefix_of(address)


def _week() -> int:
    """The key changes with it, so nobody can follow a network for longer."""
    return int(timezone.now().timestamp()) // WEEK_S


def prefix_of(address: Address) -> str:
    bits = IPV4_BITS if isinstance(address, IPv4Address) else IPV6_BITS
    return str(ip_network((address, bits), strict=False))


def hashed(name: str) -> str:
    return salted_hmac("arena.limiting", name, algorithm="sha256").hexdigest()[:KEY_DIGITS]


def _address(request: HttpRequest) -> Address | None:
    given = request.META
    return _chosen(given.get("REMOTE_ADDR") or "", given.get("HTTP_X_FORWARDED_FOR", ""))


def _chosen(peer: str, forwarded: str) -> Address | None:
    if not (proxies := settings.TRUSTED_PROXIES):
        return _parsed(peer)
    said = [part.strip() for part in forwarded.split(",")]
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
