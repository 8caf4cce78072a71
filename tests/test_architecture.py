"""The import law: config -> ratings -> arena -> inference, never back.

Read from the source with `ast`, so imports inside functions count too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("config", "ratings", "arena", "inference")  # each may import itself and those after it

# Folders whose code would be as useful without a web site around it.
WITHOUT_DJANGO = ("ratings/core", "inference")
DJANGO = ("django", "celery", "channels")
# The only files of `inference` that know the site's frameworks.
DOORS = ("inference/apps.py", "inference/tasks.py", "inference/management/")
DATABASE = ("psycopg", "django.db", "arena", "ratings", "config")


def modules(folder: str) -> Iterator[Path]:
    yield from sorted((ROOT / folder).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """Full names of everything a file imports."""
    package = file.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def offences(file: Path, forbidden: tuple[str, ...]) -> list[str]:
    return sorted(
        name
        for name in imported(file)
        if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_what_is_below_it(layer: str) -> None:
    above = LAYERS[: LAYERS.index(layer)]
    assert {str(f): bad for f in modules(layer) if (bad := offences(f, above))} == {}


@pytest.mark.parametrize("folder", WITHOUT_DJANGO)
def test_folder_knows_no_framework(folder: str) -> None:
    inside = [f for f in modules(folder) if not str(f.relative_to(ROOT)).startswith(DOORS)]
    assert inside
    assert {str(f): bad for f in inside if (bad := offences(f, DJANGO))} == {}


def test_inference_knows_no_database() -> None:
    found = {str(f): bad for f in modules("inference") if (bad := offences(f, DATABASE))}
    assert found == {}


def required() -> set[str]:
    """The packages that are installed where nothing is tested."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {plain(found[0]) for line in lines if (found := re.match(r"[\w-]+", line))}


def plain(package: str) -> str:
    return package.lower().replace("_", "-")


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_needs_nothing_that_only_tests_install(layer: str) -> None:
    roots = {name.split(".")[0] for file in modules(layer) for name in imported(file)}
    foreign = roots - set(LAYERS) - sys.stdlib_module_names
    packages = {root: packages_distributions().get(root, [root]) for root in foreign}
    assert [root for root in foreign if not required() & {*map(plain, packages[root])}] == []


def test_the_law_would_be_noticed_when_broken() -> None:
    file = ROOT / "inference" / "worker" / "service.py"
    assert offences(file, ("redis", "inference.engine")) != []


@pytest.mark.parametrize(
    "folder", ["config", "ratings", "arena", "inference", "benchmarks", "tests"]
)
def test_file_has_one_subject(folder: str) -> None:
    long = {str(f): n for f in modules(folder) if (n := len(f.read_text().splitlines())) > 400}
    assert {name: n for name, n in long.items() if "/migrations/" not in name} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {file.parent for file in modules("tests")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
