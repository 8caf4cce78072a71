"""What import-linter's contracts (pyproject.toml) cannot check: which modules a process really
loads, and which packages its host has to install."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "ratings", "arena", "people", "inference", "evenhand")
# Packages that need the second requirements file.
OF_WORKERS = ("inference/engine/", "inference/worker/")
MODELS = ("llama_cpp", "gguf", "httpx", "openai", "anthropic")
SITE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
import arena.tasks, config.asgi, config.celery, config.urls, ratings.tasks
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted({name.split(".")[0] for name in sys.modules}))
print(*sorted(name for name in sys.modules if name.startswith("inference.")))
"""


def modules(folder: str) -> Iterator[Path]:
    yield from sorted((ROOT / folder).rglob("*.py"))


def imported(file: Path) -> set[str]:
    """The packages that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def required(*files: str) -> set[str]:
    lines = "\n".join((ROOT / file).read_text() for file in files).splitlines()
    return {plain(found[0]) for line in lines if (found := re.match(r"[\w-]+", line))}


def plain(package: str) -> str:
    return package.lower().replace("_", "-")


@cache
def distributions() -> Mapping[str, list[str]]:
    """Cached, as it scans every file of every package."""
    return packages_distributions()


def missing(file: Path, packages: set[str]) -> list[str]:
    """Imports of the file that none of these packages provides."""
    brings = distributions()
    foreign = imported(file) - set(APPS) - sys.stdlib_module_names
    return sorted(n for n in foreign if not packages & {plain(p) for p in brings.get(n, [n])})


@pytest.fixture(scope="module")
def loaded() -> tuple[list[str], list[str]]:
    """The packages, and the modules of inference, that a process of the site has loaded."""
    command = [sys.executable, "-c", SITE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    packages, ours = done.stdout.splitlines()
    return packages.split(), ours.split()


def test_no_process_but_a_model_worker_loads_llama_cpp(loaded: tuple[list[str], list[str]]) -> None:
    packages, ours = loaded
    assert "django" in packages
    assert [name for name in MODELS if name in packages] == []
    assert "inference.contract.requests" in ours
    assert [
        name for name in ours if name.startswith(("inference.engine", "inference.worker"))
    ] == []


@pytest.mark.parametrize("app", APPS)
def test_host_without_models_needs_only_the_requirements_of_the_site(app: str) -> None:
    site = required("requirements-site.txt")
    ours = [f for f in modules(app) if not str(f.relative_to(ROOT)).startswith(OF_WORKERS)]
    assert ours
    assert {str(file): bad for file in ours if (bad := missing(file, site))} == {}


def test_host_with_models_needs_both_files_of_requirements() -> None:
    both = required("requirements-site.txt", "requirements-worker.txt")
    assert {str(file): bad for file in modules("inference") if (bad := missing(file, both))} == {}
    assert missing(ROOT / "inference/engine/library.py", required("requirements-site.txt"))


@pytest.mark.parametrize("folder", [*APPS, "benchmarks", "tests", "translating"])
def test_file_has_one_subject(folder: str) -> None:
    long = {str(f): n for f in modules(folder) if (n := len(f.read_text().splitlines())) > 400}
    assert {name: n for name, n in long.items() if "/migrations/" not in name} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {file.parent for file in modules("tests")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
