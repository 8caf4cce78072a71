"""Finds the model for a name as people write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .names import OWNER, key, keys, plain, size
from .records import Catalogue, CatalogueError, Family, Model

NEAR = 0.15  # relative: "7b" in a name matches 6.7 billion in a family


def by_name(models: Iterable[Model]) -> dict[str, Model]:
    """Models by name and alias, normalised by `names.key`. Raises CatalogueError on a collision."""
    index: dict[str, Model] = {}
    for model in models:
        for name in {key(each) for each in (model.name, *model.aliases)}:
            if name in index:
                raise CatalogueError(f"{model.name} and {index[name].name} share the name {name}")
            index[name] = model
    return index


def look_up(name: str, index: Mapping[str, Model], catalogue: Catalogue) -> Model | None:
    known = next((index[each] for each in keys(name) if each in index), None)
    return known or _member(name, catalogue.families.values())


def _member(name: str, families: Iterable[Family]) -> Model | None:
    bare = plain(name)
    for family in families:
        if any(re.fullmatch(pattern, bare) for pattern in family.patterns):
            return _of_family(OWNER.sub("", name.strip()), family, size(bare))
    return None


def _of_family(name: str, family: Family, billions: float | None) -> Model:
    """A model of a known family: the facts of the whole family, and its size from the name."""
    return Model(
        name=name,
        family=family.slug,
        organisation=family.developer,
        licence=family.licence,
        access=family.access,
        format=family.format,
        architecture=family.architecture,
        sources=family.sources,
        parameters=_nearest(family.parameters, billions),
        training_tokens=_only(family.training_tokens),
        context_length=_only(family.context_length),
    )


def _only(numbers: tuple[int, ...]) -> int | None:
    return numbers[0] if len(numbers) == 1 else None


def _nearest(parameters: tuple[int, ...], billions: float | None) -> int | None:
    """The family's size that matches the one in the name, if any."""
    if billions is None:
        return None
    stated = billions * 1e9
    nearest = min(parameters, key=lambda number: abs(number - stated), default=None)
    return nearest if nearest and abs(nearest - stated) <= NEAR * stated else None
