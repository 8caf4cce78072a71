"""Which prompts are nearly the same, without keeping them: a few keys of each text are enough.

MinHash over pairs of neighbouring words (Broder, 1997): two texts that share most of these pairs
share a key with high probability, others hardly ever. A key tells nothing about the text.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from ratings.core.data.arrays import IntArray

SHORTEST = 5  # words; shorter prompts, such as greetings, are alike by chance
BANDS, ROWS = (
    4,
    3,
)  # a key is made of so many minima; texts that share 80% have one in common
WORD = re.compile(r"[^\W\d_]+")
MOST = 2_000  # words that are read
Keys = tuple[int, ...]


def keys_of(text: str) -> Keys:
    """Keys of a text; none if it is too short to compare. Digits, case and signs don't count."""
    words = WORD.findall(text.casefold())[:MOST]
    if len(words) < SHORTEST:
        return ()
    pairs = {f"{one} {two}" for one, two in pairwise(words)}
    hashes = np.array([_hash(pair) for pair in pairs], dtype=np.uint64)
    mixed = hashes[:, None] * MULTIPLIERS + ADDENDS  # modulo 2^64
    lowest = (mixed ^ (mixed >> np.uint64(29))).min(axis=0).reshape(BANDS, ROWS)
    return tuple(_key(band, row.tobytes()) for band, row in enumerate(lowest))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "big")


def _key(band: int, data: bytes) -> int:
    """Signed, as databases store it."""
    digest = blake2b(data, digest_size=8, salt=bytes([band])).digest()
    return int.from_bytes(digest, "big", signed=True)


_RANDOM = np.random.default_rng(20261129)
MULTIPLIERS = _RANDOM.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(
    1
)
ADDENDS = _RANDOM.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)


def numbered(texts: Sequence[Keys]) -> IntArray:
    """A number for each text: that of the first one that shares a key with it; -1 without keys."""
    first: dict[int, int] = {}
    numbers = np.full(len(texts), -1, dtype=np.int64)
    for i, keys in enumerate(texts):
        if keys:
            numbers[i] = min((first[key] for key in keys if key in first), default=i)
        for key in keys:
            first.setdefault(key, int(numbers[i]))
    return numbers
