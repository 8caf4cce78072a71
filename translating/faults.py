"""What is wrong with a catalogue, in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from . import files

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*(?::[^{}]*)?\}")
TAG = re.compile(r"</?\w[^>]*>|&\w+;")


def of(language: str, template: Catalog) -> Iterator[str]:
    file = files.file_of(language)
    catalog = files.updated(language, template)
    yield from _of_files(language, catalog)
    for message in catalog:
        if message.id:
            for fault in _of_message(message, catalog.num_plurals):
                yield f"{file.parent.parent.name}: {_short(message)}: {fault}"


def _of_files(language: str, catalog: Catalog) -> Iterator[str]:
    """Whether both are what `make messages` would write."""
    file = files.file_of(language)
    for path, wanted in (
        (file, files.as_po(language, catalog)),
        (file.with_suffix(".mo"), files.as_mo(language, catalog)),
    ):
        if not path.exists() or path.read_bytes() != wanted:
            yield f"{path.parent.parent.name}/{path.name} is not up to date: run make messages."


def _of_message(message: Message, plurals: int) -> Iterator[str]:
    originals, said = _forms(message.id), _forms(message.string)
    if message.fuzzy:
        yield "is fuzzy"
    if not all(said):
        yield "is not translated"
        return
    if len(said) != (plurals if message.pluralizable else 1):
        yield f"has {len(said)} forms, not {plurals}"
    for text in said:
        yield from _lost(originals, text)


def _forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


def _lost(originals: tuple[str, ...], text: str) -> Iterator[str]:
    """A form may do without a number that a form of the original does without."""
    for name, pattern in (("placeholders", PLACEHOLDER), ("tags", TAG)):
        known = [sorted(pattern.findall(original)) for original in originals]
        if sorted(pattern.findall(text)) not in known:
            yield f"has other {name} than the original: {text}"
    for edge in (0, -1) if any(map(str.isalpha, originals[-1])) else ():
        if originals[-1][edge].isspace() != text[edge].isspace():
            yield f"begins or ends with other white space: {text!r}"


def _short(message: Message) -> str:
    first = _forms(message.id)[0]
    return repr(first if len(first) < 60 else first[:57] + "...")
