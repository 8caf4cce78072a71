"""API keys on their way from the site to its workers: one packet in Redis, sealed with a secret
that only the site and its workers know (WORKER_SECRET).

Whoever reads Redis learns no key. Whoever writes to it can neither send a key nor bind one to
another host, because a forged packet does not open; nor bring back an old one, because a packet
says when it was made, by the clock of Redis, and a worker takes none that is older than its last.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import cast

import redis
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .keys import Key
from .limits import KEYS

SHORTEST = 32  # characters of the secret
PACKET = "keys:sealed"
NO_SECRET = (
    "WORKER_SECRET is not set on this model worker, so it cannot open the keys that the site sends."
)
OTHER_SECRET = (
    "The keys that the site sends were sealed with another WORKER_SECRET than this model worker's."
)


class Unopened(Exception):
    """The packet cannot be opened; the message is a sentence."""


@dataclass(frozen=True)
class Packet:
    made: float  # by the clock of Redis [s since the epoch]
    keys: dict[str, Key] = field(default_factory=dict)


def send(connection: redis.Redis, secret: str, keys: Mapping[str, Key]) -> None:
    """Replace the packet. Raises RedisError."""
    packet = {"made": now(connection), "keys": {name: asdict(key) for name, key in keys.items()}}
    sealed = _fernet(secret).encrypt(json.dumps(packet).encode())
    connection.set(PACKET, sealed, ex=KEYS.kept_s)


def received(connection: redis.Redis, secret: str) -> Packet | None:
    """The packet; None if there is none. Raises Unopened, RedisError."""
    sealed = cast(bytes | None, connection.get(PACKET))
    if sealed is None:
        return None
    if not secret:
        raise Unopened(NO_SECRET)
    try:
        said = json.loads(_fernet(secret).decrypt(sealed))
    except InvalidToken as error:
        raise Unopened(OTHER_SECRET) from error
    keys = {
        name: Key(key["token"], tuple(key["hosts"])) for name, key in sorted(said["keys"].items())
    }
    return Packet(said["made"], keys)


def now(connection: redis.Redis) -> float:
    seconds, microseconds = connection.time()
    return seconds + microseconds / 1e6


def _fernet(secret: str) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=b"evenhand: API keys for workers")
    return Fernet(urlsafe_b64encode(derive.derive(secret.encode())))
