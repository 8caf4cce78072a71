"""What a worker may ask, for answers, lists of models and downloads alike: the public internet, the
hub it is told to use, and the hosts of its own network that its operator names.

Whoever may enter contestants may name a URL. It must not lead a worker to services that are open to
its network only, such as a cloud's metadata, a database or an admin page. So a name is resolved and
all its addresses are checked before a connection is opened, and the address that is connected to
is checked again before anything is sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from inference.contract import keys, private_hosts
from inference.contract.errors import EngineError

HUB = "https://huggingface.co"
CONNECTING, CONNECTED = "connection.connect_tcp.started", "connection.connect_tcp.complete"
# The environment may name a proxy. Local calls bypass it: they need none, and may carry a key.
DIRECT = ("all://localhost", "all://127.0.0.1", "all://[::1]")
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks whose routers translate to the IPv4 address in their last bytes.
_TRANSLATED = [ipaddress.IPv6Network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]

# For special purposes, by IANA's registries; not every Python's `ipaddress` knows that.
_SPECIAL = [
    ipaddress.ip_network(each)
    for each in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20", "5f00::/16")
]


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
    """The same for the address that a connection leads to."""
    parts = _parts(url)
    if not _is_excepted(url, came_from) and not _has_proxy(parts):
        _check_addresses(parts.hostname or "", [address])


def _is_excepted(url: str, came_from: str) -> bool:
    if is_named(url):
        return True
    is_same_host = bool(came_from) and _parts(came_from).hostname == _parts(url).hostname
    return is_same_host and is_named(came_from)


def is_named(url: str) -> bool:
    """Whether the operator has named its host: as the hub, in FETCH_HOSTS, or beside a key."""
    parts = _parts(url)
    is_hub = _same(parts, _parts(hub()))
    return (
        is_hub
        or private_hosts.named(parts.hostname or "", _port(parts))
        or keys.is_bound_by_the_operator(url)
    )


Trace = Callable[[str, dict[str, Any]], None]
AsyncTrace = Callable[[str, dict[str, Any]], Awaitable[None]]


def watching(url: str, came_from: str = "") -> Trace:
    """For the extension `trace` of httpx: checks an address that a connection leads to before
    anything is sent through it. Names may resolve to another one each time."""

    def trace(event: str, what: dict[str, Any]) -> None:
        if event != CONNECTED:
            return
        stream = what["return_value"]
        try:
            check_peer(url, _peer(stream), came_from)
        except EngineError:
            stream.close()
            raise

    return trace


def watching_async(url: str) -> AsyncTrace:
    """The same for asyncio. It also does what `check` does, for each new connection."""

    async def trace(event: str, what: dict[str, Any]) -> None:
        if event == CONNECTING:
            await asyncio.to_thread(check_if_found, url)
        elif event == CONNECTED:
            stream = what["return_value"]
            try:
                check_peer(url, _peer(stream))
            except EngineError:
                await stream.aclose()
                raise

    return trace


def check_if_found(url: str) -> None:
    """What cannot be found now is left to the connection, which fails and is tried again."""
    try:
        check(url)
    except EngineError as error:
        if error.permanent:
            raise


def _peer(stream: Any) -> str:
    return str(stream.get_extra_info("server_addr")[0])


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname and parts.username is None and _port(parts):
            return parts
    except ValueError:
        pass
    raise EngineError(
        f"{url[:200]} is not an address that model workers ask: it must begin with https:// or "
        "http://, and hold no user name or password.",
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
            entry = private_hosts.entry_for(host)
            raise EngineError(
                f"{host} is in a private network ({address}), which model workers do not ask. If "
                f"they should, set {private_hosts.VARIABLE}={entry} on them and restart them.",
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
    is_special = is_local or any(address in network for network in _SPECIAL)
    return address.is_global and not address.is_multicast and not is_special


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one leads to."""
    if any(address in network for network in _TRANSLATED) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
