"""The catalogue of models: facts that pre-fill the form of a new contestant.

It is data, not code: everything is in data/, and docs/catalogue.md says how to add to it. Does not
depend on Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .lookup import by_name, look_up
from .openness import openness_of
from .reading import read
from .records import (
    ENDPOINT_ONLY,
    Access,
    Catalogue,
    CatalogueError,
    Family,
    Grade,
    Graded,
    Host,
    Hosted,
    Licence,
    Model,
    Openness,
    Permission,
    PromptFormat,
    Protocol,
)

__all__ = [
    "ENDPOINT_ONLY",
    "Access",
    "Catalogue",
    "CatalogueError",
    "Family",
    "Grade",
    "Graded",
    "Host",
    "Hosted",
    "Licence",
    "Model",
    "Openness",
    "Permission",
    "PromptFormat",
    "Protocol",
    "family_of",
    "find",
    "load",
    "published_of",
]


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """The whole catalogue, cached. Raises CatalogueError if an entry is invalid."""
    return read()


def find(name: str) -> Model | None:
    """The model with this name: an entry of the catalogue, otherwise a member of a family.

    Case, separators, owner (`meta-llama/`) and packaging (`-GGUF`, `:latest`) do not matter. If
    only the family is known, the model has the facts that hold for the whole family.
    """
    return look_up(name, _index(), load())


@lru_cache(maxsize=8192)
def family_of(name: str) -> tuple[str, str] | None:
    """Slug and name of the family of the model with this name, if it is known."""
    found = find(name)
    family = load().families.get(found.family) if found else None
    return (found.family, family.name) if found and family else None


def published_of(name: str) -> Openness:
    """What is published of the model with this name besides its weights, as far as it is known."""
    found = find(name)
    return openness_of(found, load()) if found else Openness()


@lru_cache(maxsize=1)
def _index() -> Mapping[str, Model]:
    return by_name(load().models.values())
