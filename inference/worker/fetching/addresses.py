"""Where a worker may download from: the public internet, the hub it is told to use, and the hosts
of its own network that its operator names.

Whoever may enter contestants may name a URL. It must not lead a worker to services that are open to
its network only, such as a cloud's metadata, a database or an admin page.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from inference.contract.errors import EngineError

HUB = "https://huggingface.co"
_HOSTS = "FETCH_HOSTS"
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks whose routers translate to the IPv4 address in their last bytes.
_TRANSLATED = [ipaddress.IPv6Network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]


def hub() -> str:
    """The base URL of the hub, without a slash at its end: huggingface.co or a mirror of it."""
    return (os.environ.get("HF_ENDPOINT", "").strip() or HUB).rstrip("/")


def token_for(url: str) -> str:
    """The hub's token for a request to `url`; "" for any other host, or if there is none. Never
    sent over a connection that can be listened to."""
    parts, ours = _parts(url), _parts(hub())
    is_safe = parts.scheme == "https" or _LOOPBACK.fullmatch(parts.hostname or "")
    return os.environ.get("HF_TOKEN", "").strip() if is_safe and _same(parts, ours) else ""


def check(url: str, came_from: str = "") -> None:
    """Raises EngineError, permanent, if `url` may not be asked. `came_from` is the URL that
    redirected to it: a mirror named by the operator may have its files on another port."""
    parts = _parts(url)
    if _is_excepted(url, came_from):
        return
    host = parts.hostname or ""
    _check_addresses(host, [host] if _has_proxy(parts) else _resolved(host, _port(parts)))


def check_peer(url: str, address: str, came_from: str = "") -> None:
    """The same for an address that a connection leads to: names may resolve to another one each
    time."""
    parts = _parts(url)
    if not _is_excepted(url, came_from) and not _has_proxy(parts):
        _check_addresses(parts.hostname or "", [address])


def _is_excepted(url: str, came_from: str) -> bool:
    if is_named(url):
        return True
    is_same_host = bool(came_from) and _parts(came_from).hostname == _parts(url).hostname
    return is_same_host and is_named(came_from)


def is_named(url: str) -> bool:
    """Whether the operator has named its host, as the hub or in FETCH_HOSTS."""
    parts = _parts(url)
    named = os.environ.get(_HOSTS, "").lower().replace(",", " ").split()
    host = parts.hostname or ""
    return _same(parts, _parts(hub())) or host in named or f"{host}:{_port(parts)}" in named


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname and parts.username is None and _port(parts):
            return parts
    except ValueError:
        pass
    raise EngineError(
        f"{url[:200]} is not an address to download from: it must begin with https:// or http://, "
        "and hold no user name or password.",
        permanent=True,
    )


def _same(one: SplitResult, other: SplitResult) -> bool:
    return (one.scheme, one.hostname, _port(one)) == (other.scheme, other.hostname, _port(other))


def _port(parts: SplitResult) -> int:
    return _PORTS[parts.scheme] if parts.port is None else parts.port


def _has_proxy(parts: SplitResult) -> bool:
    """Whether a proxy resolves the name, and decides what may be reached."""
    host = parts.hostname or ""
    is_direct = _LOOPBACK.fullmatch(host) or proxy_bypass(host)
    return parts.scheme in getproxies() and not is_direct


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EngineError(
            f"{host} cannot be found: {getattr(error, 'strerror', None) or error}. Check the "
            "spelling, and the network of the model worker.",
            permanent=False,
        ) from error
    return [str(address[0]) for *_, address in found]


def _check_addresses(host: str, addresses: Iterable[str]) -> None:
    for text in addresses:
        if (address := _address(text)) is not None and not _is_public(address):
            raise EngineError(
                f"{host} is in a private network ({address}), where nothing is downloaded from. If "
                f"it should be, set {_HOSTS}={host} on the model worker and restart it.",
                permanent=True,
            )


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:  # a name, which a proxy resolves
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (inner := _inner(address)) is not None:
        return _is_public(inner)
    is_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not is_local


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one leads to."""
    if any(address in network for network in _TRANSLATED) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
