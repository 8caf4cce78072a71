"""The messages of templates and modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils.translation.template import templatize

from config.templates import joined

ENGLISH = ("admin", "api.html", "_values.html")  # templates in one language (docs/decisions/0019)
APPS = ("arena", "config", "inference", "ratings")
# What a function takes: its arguments in order.
FUNCTIONS = {
    "_": ("one",),
    "gettext": ("one",),
    "gettext_lazy": ("one",),
    "gettext_noop": ("one",),
    "ngettext": ("one", "many"),
    "ngettext_lazy": ("one", "many"),
    "pgettext": ("context", "one"),
    "pgettext_lazy": ("context", "one"),
    "npgettext": ("context", "one", "many"),
    "npgettext_lazy": ("context", "one", "many"),
}
LOOKED_UP = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
CALL = re.compile(rf"(?<!\w)(?:{'|'.join(FUNCTIONS)})\(")


@dataclass(frozen=True)
class Found:
    file: str
    one: str
    many: str = ""
    context: str = ""


def template() -> Catalog:
    """Every message of the code, without translations."""
    catalog = Catalog(fuzzy=False)
    for found in messages():
        catalog.add(
            (found.one, found.many) if found.many else found.one,
            locations=[(found.file, 1)],
            context=found.context or None,
        )
    return catalog


def messages() -> Iterator[Found]:
    root = settings.BASE_DIR
    for file in pages(root / "templates"):
        yield from of_template(file.read_text(), str(file.relative_to(root)))
    for app in APPS:
        for file in sorted((root / app).rglob("*.py")):
            if "migrations" not in file.parts:
                yield from of_module(file.read_text(), str(file.relative_to(root)))


def pages(folder: Path) -> list[Path]:
    """Templates that visitors see."""
    files = sorted(file for file in folder.rglob("*.*") if file.is_file())
    return [file for file in files if file.relative_to(folder).parts[0] not in ENGLISH]


def of_template(source: str, name: str) -> Iterator[Found]:
    """A message as the loader leaves it, which joins lines. Raises ValueError."""
    python = templatize(joined(source))
    for call in CALL.finditer(python):
        yield from of_module(_whole_call(python[call.start() :]), name)


def _whole_call(text: str) -> str:
    """`text` up to the bracket that ends the call at its beginning."""
    for end in re.finditer(r"\)", text):
        try:
            ast.parse(text[: end.end()])
        except SyntaxError:
            continue
        return text[: end.end()]
    raise ValueError(f"No call: {text[:80]}")


def of_module(source: str, name: str) -> Iterator[Found]:
    """Raises ValueError for a message that is put together while the program runs. What is only
    looked up, `gettext(self.reason)`, is marked where it is written (`gettext_noop`)."""
    for node in ast.walk(ast.parse(source)):
        takes = FUNCTIONS.get(_name(node.func)) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and takes and not isinstance(node.args[0], LOOKED_UP):
            yield Found(name, **{kind: _text(node.args[i], name) for i, kind in enumerate(takes)})


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _text(argument: ast.expr, name: str) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise ValueError(f"{name}:{argument.lineno}: a message must be a plain string.")
