"""Catalogues on disk: one .po file for each language, and beside it the .mo file that is read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale

HEADER = "# {name}: messages of Evenhand. docs/translating.md has the words to use."
WIDTH = 100


def languages() -> dict[str, str]:
    """Those with a catalogue: all but the one that the code is written in."""
    return {code: name for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}


def file_of(language: str) -> Path:
    folder: Path = settings.LOCALE_PATHS[0]
    return folder / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Empty if there is no file yet."""
    file, locale = file_of(language), language.partition("-")[0]
    if not file.exists():
        return Catalog(locale)
    with file.open("rb") as source:
        return read_po(source, locale)


def updated(language: str, template: Catalog) -> Catalog:
    """The catalogue with the messages of the template, and its translations of them. A message that
    was changed is a new one: no translation is guessed."""
    catalog = read(language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def write(language: str, catalog: Catalog) -> None:
    file = file_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(as_po(language, catalog))
    file.with_suffix(".mo").write_bytes(as_mo(language, catalog))


def as_po(language: str, catalog: Catalog) -> bytes:
    body = BytesIO()
    write_po(body, catalog, width=WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
    lines = [f'"{line}\\n"' for line in head(language, catalog)]
    top = [HEADER.format(name=languages()[language]), 'msgid ""', 'msgstr ""', *lines]
    return "\n".join([*top, "", ""]).encode() + body.getvalue()


def as_mo(language: str, catalog: Catalog) -> bytes:
    """What Django reads."""
    body = BytesIO()
    header = Message("", "".join(f"{line}\n" for line in head(language, catalog)))
    messages = [header, *(message for message in catalog if message.id)]
    write_mo(body, cast(Catalog, Ready(messages, catalog)))
    return body.getvalue()


def head(language: str, catalog: Catalog) -> list[str]:
    """Without dates and versions, which would change with every run."""
    return [
        f"Language: {to_locale(language)}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalog.plural_forms}",
    ]


class Ready(list[Message]):
    """Messages with a header of their own; looks like a catalogue to `write_mo`."""

    def __init__(self, messages: list[Message], catalog: Catalog) -> None:
        super().__init__(messages)
        self.num_plurals, self.charset = catalog.num_plurals, catalog.charset
