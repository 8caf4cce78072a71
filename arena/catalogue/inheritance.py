"""Facts that a model inherits from its family and from the model it was made from.

An entry's own facts take precedence, then those of its `base`, then those of its family. A list
with a single number in a family holds for all its models; a longer list does not say which model
has which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FROM_BASE = ("parameters", "active_parameters", "training_tokens", "context_length", "architecture")
NUMBERS = ("parameters", "training_tokens", "context_length")
WITH_SOURCE = (
    "organisation",
    "licence",
    "parameters",
    "active_parameters",
    "training_tokens",
    "context_length",
    "release_date",
    "price",
)


@dataclass(frozen=True)
class Entry:
    """The TOML tables of a model and of its family."""

    family: Mapping[str, Any]
    own: Mapping[str, Any]


def facts_of(name: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """All facts of a model. Raises KeyError if its `base` has no entry."""
    entry = entries[name]
    base = entry.own.get("base")
    made_from = facts_of(base, entries) if base else {}
    inherited = {fact: made_from[fact] for fact in FROM_BASE if fact in made_from}
    return {**of_family(entry.family), **inherited, **entry.own}


def of_family(row: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that hold for every member of a family."""
    common = {fact: row[fact] for fact in ("licence", "access", "format", "architecture")}
    numbers = {fact: row[fact][0] for fact in NUMBERS if len(row.get(fact, ())) == 1}
    return {"organisation": row["developer"], **common, **numbers}


def sources_of(name: str, entries: Mapping[str, Entry]) -> dict[str, str]:
    """The source of each fact of a model. Raises ValueError for one that has none.

    `all` in an entry's sources stands for every fact that it does not list.
    """
    entry = entries[name]
    facts = facts_of(name, entries)
    found = {fact: _source(fact, entry, entries) for fact in WITH_SOURCE if fact in facts}
    if missing := sorted(fact for fact, source in found.items() if not source):
        raise ValueError(f"no source for {', '.join(missing)}")
    access = {**entry.family["sources"], **entry.own.get("sources", {})}.get("access")
    return {**found, "access": access} if access else found


def _source(fact: str, entry: Entry, entries: Mapping[str, Entry]) -> str:
    own, family = entry.own.get("sources", {}), entry.family["sources"]
    base = entry.own.get("base")
    if fact not in entry.own and base and fact in FROM_BASE and fact in facts_of(base, entries):
        return f"as {base}: {_source(fact, entries[base], entries)}"
    own_rest = own.get("all") if fact in entry.own else None
    return own.get(fact) or own_rest or family.get(fact) or family.get("all") or ""
