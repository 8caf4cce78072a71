"""Finds the contestants for names of models in a file; missing ones are entered as hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from arena import catalogue
from arena.lookalikes import doubts, shapes
from arena.models import Contestant, RegistryEvent, Revision
from arena.models.contestants import NOT_KNOWN
from arena.models.names import TAKEN, composed

from ..limits import IMPORTS
from .errors import ImportRefused

NOTHING: Mapping[str, str] = MappingProxyType({})
DOUBTED = 100  # new names that are looked at
ELSEWHERE = "(made elsewhere)"  # a placeholder for weights that no worker can serve


class Contestants(dict[str, str]):
    """Primary keys, as text, by the names in a file."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self._reason = reason
        self.entered: list[str] = []

    def enter(self, names: Iterable[str], organisations: Mapping[str, str] = NOTHING) -> None:
        """Find or enter contestants with these names, in alphabetical order so that the result is
        reproducible. `organisations` has the developers that the file names."""
        wanted = sorted(set(names) - self.keys())
        there = dict(Contestant.objects.filter(name__in=wanted).values_list("name", "pk"))
        for name in wanted:
            pk = there.get(composed(name)) or self._new(name, organisations.get(name, "")).pk
            there[composed(name)] = pk
            self[name] = str(pk)

    def doubts(self) -> list[str]:
        """What makes new names likely to be taken for others."""
        if not self.entered:
            return []
        known = shapes(Contestant.objects.values_list("name", flat=True))
        return [doubt for name in self.entered[:DOUBTED] for doubt in doubts(name, known)]

    def forget(self) -> None:
        """Forget everything, after a rollback."""
        self.clear()
        self.entered.clear()

    def _new(self, name: str, organisation: str) -> Contestant:
        if len(self.entered) == IMPORTS.new_models:
            raise ImportRefused(
                f"The file names more than {IMPORTS.new_models:,} models new to this arena. Check "
                "that its model columns contain names. Nothing was imported."
            )
        contestant = Contestant(
            **known_of(name, organisation),
            name=composed(name),
            slug=free_slug(name),
            state=Contestant.State.HIDDEN,
        )
        _check(contestant)
        contestant.save()
        RegistryEvent.objects.create(
            contestant=contestant, new=contestant.state, reason=self._reason[:300]
        )
        self.entered.append(contestant.name)
        return contestant


def _check(contestant: Contestant) -> None:
    """Like the form. Raises ImportRefused."""
    try:
        contestant.full_clean(validate_unique=False)
    except ValidationError as error:
        said = " ".join(error.messages)
        raise ImportRefused(
            f"A model of the file can't be entered: {said} Nothing was imported."
        ) from error


def known_of(name: str, organisation: str) -> dict[str, Any]:
    """The catalogue's facts about a model. For other models the access is unknown."""
    found = catalogue.find(name)
    if found is not None:
        return {field: value for field, value in found.contestant().items() if field != "name"}
    return {
        "organisation": organisation[:120] or NOT_KNOWN,
        "licence": NOT_KNOWN,
        "access": Contestant.Access.UNKNOWN,
    }


def free_slug(name: str) -> str:
    """An unused slug: names that differ only in punctuation would share one."""
    slug = wanted = slugify(name)[:70] or "model"
    number = 1
    while slug in TAKEN or Contestant.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def revision_from_elsewhere(contestant_id: str) -> Revision:
    """The revision of imported answers. It has number 0, so that any revision which the arena runs
    itself is newer, and it is never in service."""
    return Revision.objects.get_or_create(
        contestant_id=int(contestant_id), number=0, defaults={"weights": ELSEWHERE}
    )[0]
