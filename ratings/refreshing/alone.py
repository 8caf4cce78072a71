"""Keys of PostgreSQL advisory locks for work that only one thread of all workers does at a time
(`arena.alone`); they start with "rat"."""

from arena.alone import alone

__all__ = ["RATING", "REFRESHING", "SLOW", "WATCHING", "alone"]

# The refresh of all boards; one board, by its key; the one slow board at a time; the desk.
REFRESHING, RATING, SLOW, WATCHING = 0x72617401, 0x72617402, 0x72617403, 0x72617404
