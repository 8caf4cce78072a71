"""Takes the API keys that the site sends to its workers, and drops those that it takes back."""

from __future__ import annotations

import logging
import time

import redis

from ..contract import keys, sealing
from ..contract.limits import KEYS

logger = logging.getLogger(__name__)


class Keyring:
    """`look` reads the site's packet; call it from one thread."""

    def __init__(self, connection: redis.Redis, secret: str) -> None:
        self.complaint = ""  # why the packet cannot be opened, as a sentence
        self._connection = connection
        self._secret = secret
        self._made = 0.0  # when the last packet was made, by the clock of Redis
        self._taken = time.monotonic()  # when it was taken, by ours

    def look(self) -> None:
        """Never raises: while the broker is away, the keys stay for a while."""
        try:
            self._read()
        except sealing.Unopened as error:
            self._complain(str(error))
        except redis.RedisError as error:
            logger.warning("the site's API keys could not be read: %s", error)
        if time.monotonic() - self._taken > KEYS.kept_s:
            keys.take({})
            self._made = 0.0  # another Redis may have another clock

    def _read(self) -> None:
        packet = sealing.received(self._connection, self._secret)
        if packet is None:
            return self._complain("")
        self._complain("")
        age = sealing.now(self._connection) - packet.made
        if packet.made > self._made and age < KEYS.kept_s:
            keys.take(packet.keys)
            self._made, self._taken = packet.made, time.monotonic()

    def _complain(self, sentence: str) -> None:
        if sentence and sentence != self.complaint:
            logger.warning("%s", sentence)
        self.complaint = sentence
