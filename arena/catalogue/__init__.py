"""The catalogue of models: facts that pre-fill the form of a new contestant.

Data, not code: everything is in data/, and docs/catalogue.md says how to add to it. Knows no
Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .lookup import by_name, look_up
from .reading import read
from .records import (
    ENDPOINT_ONLY,
    Access,
    Catalogue,
    CatalogueError,
    Family,
    Host,
    Hosted,
    Licence,
    Model,
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
    "Host",
    "Hosted",
    "Licence",
    "Model",
    "Permission",
    "PromptFormat",
    "Protocol",
    "find",
    "load",
]


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """The whole catalogue, read once. Raises CatalogueError if an entry is wrong."""
    return read()


def find(name: str) -> Model | None:
    """The model that goes by this name: an entry of the catalogue, else a member of a family.

    Case, separators, owner (`meta-llama/`) and packaging (`-GGUF`, `:latest`) do not matter. Of a
    model known by its family only, the facts are those that hold for the whole family.
    """
    return look_up(name, _index(), load())


@lru_cache(maxsize=1)
def _index() -> Mapping[str, Model]:
    return by_name(load().models.values())
