"""Reads the TOML files under data/ into records; errors name the invalid entry."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .inheritance import Entry, facts_of, sources_of
from .records import (
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
    Price,
    PromptFormat,
    Protocol,
)

DATA = Path(__file__).parent / "data"
FAMILY_LISTS = ("parameters", "training_tokens", "context_length", "patterns")
Row = Mapping[str, Any]
T = TypeVar("T")


def read(folder: Path = DATA) -> Catalogue:
    """Everything under a folder. Raises CatalogueError with the name of the first bad entry."""
    licences = _keyed("id", _rows(folder / "licences.toml", "licence"), _licence)
    formats = _keyed("name", _rows(folder / "formats.toml", "format"), _format)
    hosts = _keyed("slug", _rows(folder / "hosts.toml", "host"), _host)
    rows = [row for path in sorted(folder.glob("families/*.toml")) for row in _rows(path, "family")]
    families = _keyed("slug", rows, lambda row: _family(row, licences, formats))
    entries: dict[str, Entry] = {}
    for family in rows:
        for model in family.get("model", ()):
            _add(entries, model["name"], Entry(family, model))
    models = {name: _model(name, entries, licences, formats) for name in entries}
    return Catalogue(licences, formats, families, models, hosts)


def _rows(path: Path, kind: str) -> list[Row]:
    with _naming(path.name):
        rows: list[Row] = tomllib.loads(path.read_text("utf-8"))[kind]
        return rows


def _keyed(key: str, rows: Iterable[Row], record: Callable[[Row], T]) -> dict[str, T]:
    """Records by a field, which has to be unique."""
    records: dict[str, T] = {}
    for row in rows:
        _add(records, row[key], record(row))
    return records


def _add(records: dict[str, T], key: str, record: T) -> None:
    if key in records:
        raise CatalogueError(f"There are two entries called {key}.")
    records[key] = record


@contextmanager
def _naming(entry: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(f"Catalogue entry {entry}: {error!r}") from error


def _licence(row: Row) -> Licence:
    with _naming(row["id"]):
        permissions = {key: Permission(row[key]) for key in ("commercial", "redistribution")}
        return Licence(**{**row, **permissions})


def _format(row: Row) -> PromptFormat:
    with _naming(row["name"]):
        return PromptFormat(**{**row, "stop": tuple(row["stop"])})


def _host(row: Row) -> Host:
    with _naming(row["slug"]):
        models = _keyed("name", row.get("models", ()), lambda model: Hosted(**model))
        protocol, serves = Protocol(row["protocol"]), tuple(row["serves"])
        return Host(**{**row, "protocol": protocol, "serves": serves, "models": models})


def _family(
    row: Row, licences: Mapping[str, Licence], formats: Mapping[str, PromptFormat]
) -> Family:
    with _naming(row["slug"]):
        lists = {key: tuple(row[key]) for key in FAMILY_LISTS if key in row}
        named = {**_resolved(row, licences, formats), "openness": _openness(row)}
        return Family(**{**{key: row[key] for key in row if key != "model"}, **lists, **named})


def _openness(row: Row) -> Openness:
    facts = row.get("openness", {})
    return Openness(
        **{fact: Graded(**{**facts[fact], "grade": Grade(facts[fact]["grade"])}) for fact in facts}
    )


def _model(
    name: str,
    entries: Mapping[str, Entry],
    licences: Mapping[str, Licence],
    formats: Mapping[str, PromptFormat],
) -> Model:
    with _naming(name):
        facts = facts_of(name, entries)
        rest = {
            "family": entries[name].family["slug"],
            "aliases": tuple(facts.get("aliases", ())),
            "sources": sources_of(name, entries),
        }
        price = {"price": Price(**facts["price"])} if "price" in facts else {}
        return Model(**{**facts, **rest, **price, **_resolved(facts, licences, formats)})


def _resolved(
    facts: Row, licences: Mapping[str, Licence], formats: Mapping[str, PromptFormat]
) -> dict[str, Any]:
    """Resolve references to licences and formats, and turn empty values into None."""
    return {
        "licence": licences[facts["licence"]],
        "access": Access(facts["access"]),
        "format": formats[facts["format"]] if facts["format"] else None,
        "architecture": facts["architecture"] or None,
    }
