"""A file of CSS is one component: what it styles lies under its name, is used, and is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import django.contrib.admin
import pytest

ROOT = Path(__file__).resolve().parent.parent
STYLES = {path.stem: path for path in sorted((ROOT / "static/css").glob("*.css"))}
TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.html"))
}
SHEETS = {
    path.stem: re.findall(r'@import "../([\w-]+)\.css";', path.read_text())
    for path in (ROOT / "static/css/sheets").glob("*.css")
}
SCRIPTS = {path.name: path.read_text() for path in (ROOT / "static/js").glob("*.js")}

# The admin in our colours: classes of Django's own templates, on all its pages.
OF_ADMIN = {name for name in STYLES if name == "admin" or name.startswith("admin-")}
# Colours and sizes; elements and the frame of pages; one purpose each.
FOR_ALL = {"tokens", "base", "utilities", *OF_ADMIN}
COMPONENTS = sorted(STYLES.keys() - FOR_ALL)
PAGES = [name for name in TEMPLATES if not name.rpartition("/")[2].startswith("_")]
PAGES = [name for name in PAGES if "/charts/" not in name]

# Charts are chosen by Python, so a page may load what one of them needs.
CHARTS = {name for name in TEMPLATES if re.search(r"/charts/[^_]", name)}

# Written by Python: of answers (arena/markdown), of columns and drawings; or by highlight.js.
WRITTEN = ["arena/markdown", "ratings/presentation", "ratings/charts", "ratings/findings"]
DJANGO = {"helptext"}  # of its forms
WORD = re.compile(r"""["'= ]([a-z][\w-]*)(?=["' ])""")

CLASS = re.compile(r"\.(-?[a-zA-Z][\w-]*)")
ATTRIBUTE = re.compile(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)"')
TAG, VALUE = re.compile(r"\{%.*?%\}"), re.compile(r"\{\{.*?\}\}")
INCLUDED = re.compile(r'(?:\{% include |\{% extends |fields=)"([^"]+)"')
IN_SCRIPT = re.compile(r'classList\.\w+\("([\w-]+)"|className = "([\w-]+)"')


def preludes(css: str) -> Iterator[tuple[int, str]]:
    """What stands before each `{`, with its depth."""
    depth = 0
    for text, brace in re.findall(r"([^{};]*)([{};])", re.sub(r"/\*.*?\*/", "", css, flags=re.S)):
        if brace == "{":
            yield depth, " ".join(text.split())
        depth += {"{": 1, "}": -1}.get(brace, 0)


def classes(css: str) -> set[str]:
    selectors = [text for _, text in preludes(css) if not text.startswith("@")]
    return {name for selector in selectors for name in CLASS.findall(selector)}


def used_in(template: str) -> set[str]:
    """Classes of a template; one that is put together, such as `part-{{ number }}`, has a `*`."""
    values = [VALUE.sub("*", TAG.sub(" ", value)) for value in ATTRIBUTE.findall(template)]
    return {name for value in values for name in value.split() if name != "*"}


def set_by(script: str) -> set[str]:
    return {name for found in IN_SCRIPT.findall(script) for name in found if name}


def parts(page: str) -> set[str]:
    """A template and all that it includes or extends, of ours."""
    found, left = set(), [page]
    while left:
        name = left.pop()
        if name in found or name not in TEMPLATES:
            continue
        found.add(name)
        left += INCLUDED.findall(TEMPLATES[name])
        left += ["leaderboard/_row.html"] if "{{ rows }}" in TEMPLATES[name] else []
    return found


@pytest.fixture(scope="module")
def styled() -> set[str]:
    return {name for path in STYLES.values() for name in classes(path.read_text())}


@pytest.fixture(scope="module")
def of_django() -> set[str]:
    """Classes that Django's own admin has in its templates and styles."""
    folder = Path(django.contrib.admin.__file__).parent
    styles = folder.glob("static/admin/css/*.css")
    names = {name for path in styles for name in classes(path.read_text())}
    return names.union(*(used_in(path.read_text()) for path in folder.rglob("templates/**/*.html")))


@pytest.mark.parametrize("name", COMPONENTS)
def test_component_styles_nothing_outside_itself(name: str) -> None:
    css = STYLES[name].read_text()
    outside = [
        part
        for depth, text in preludes(css)
        if depth == 0 and not text.startswith(("@keyframes", "@page"))
        for part in text.split(",")
        if not re.match(rf"\.{re.escape(name)}(?![\w-])", part.strip())
    ]
    assert outside == []
    assert len(css.splitlines()) <= 200


@pytest.mark.parametrize("name", sorted(OF_ADMIN))
def test_style_of_the_admin_is_short(name: str) -> None:
    assert len(STYLES[name].read_text().splitlines()) <= 200


def test_every_class_of_a_page_is_styled(styled: set[str], of_django: set[str]) -> None:
    known = styled | {re.sub(r"\d+$", "*", name) for name in styled}
    bare = {
        (template, name)
        for template, text in TEMPLATES.items()
        for name in used_in(text) - known - (of_django if template.startswith("admin/") else set())
    }
    assert bare == set()
    assert {name for text in SCRIPTS.values() for name in set_by(text)} <= styled


def test_every_style_is_used(styled: set[str], of_django: set[str]) -> None:
    public = {
        name for each in STYLES.keys() - OF_ADMIN for name in classes(STYLES[each].read_text())
    }
    used = {name for text in TEMPLATES.values() for name in used_in(text)}
    used |= {name for text in SCRIPTS.values() for name in set_by(text)}
    for folder in WRITTEN:
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(WORD.findall(path.read_text()))
    used |= of_django - public
    dead = {name for name in styled - used if re.sub(r"\d+$", "*", name) not in used}
    assert {name for name in dead if not name.startswith("hljs-")} == DJANGO


@pytest.mark.parametrize("page", PAGES)
def test_page_loads_the_components_that_it_has_and_no_others(page: str) -> None:
    texts = [TEMPLATES[name] for name in parts(page)]
    loaded = {name for text in texts for name in re.findall(r"css/([\w-]+)\.css", text)}
    sheets = {name for text in texts for name in re.findall(r"css/sheets/([\w-]+)\.css", text)}
    loaded |= {name for sheet in sheets for name in SHEETS[sheet]}
    scripts = {name for text in texts for name in re.findall(r"js/(\w+\.js)", text)}
    has = {name for text in texts for name in used_in(text)}
    has |= {name for script in scripts for name in set_by(SCRIPTS[script])}
    may = {"button"}  # which base.html loads for all, and which the admin has of its own
    if any("include figure.template" in text for text in texts):
        may |= {name for chart in CHARTS for name in used_in(TEMPLATES[chart])}
    assert (has - may) & set(COMPONENTS) <= loaded
    assert loaded & set(COMPONENTS) <= has | may
