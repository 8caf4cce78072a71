"""Finds answers in which a model says which one it is or who made it, and prompts that ask for it.

By rules, offline and in linear time. What is said is in `data/phrases.toml`, by language; the names
are those of the registry, of the catalogue and of `data/names.toml`.
"""

from __future__ import annotations

from .asking import asks
from .finding import named
from .names import Names
from .registry import known, known_of

__all__ = ["Names", "asks", "known", "known_of", "named"]
