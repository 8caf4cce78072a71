"""Every link is made by the site that a page is written for."""

from __future__ import annotations

import ast
import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from pytest_django import Settings

from arena.sites import LIVE, LiveSite, context_of
from tests.test_architecture import ROOT, modules

ANOTHER_WAY = re.compile(r"\{% *(?:url|static)\b|STATIC_SITE|\b(?:href|src)=\"/")


def names_used(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def test_templates_make_links_in_one_way() -> None:
    """Those of the admin follow Django's, and are never written to files; pages of errors know no
    site."""
    pages = [
        file
        for file in (ROOT / "templates").rglob("*.*")
        if "admin" not in file.relative_to(ROOT / "templates").parts and file.name != "bare.html"
    ]
    assert len(pages) > 30
    found = {str(file): ANOTHER_WAY.findall(file.read_text()) for file in pages}
    assert {file: others for file, others in found.items() if others} == {}


def test_code_resolves_addresses_in_one_place() -> None:
    files = [file for app in ("arena", "ratings") for file in modules(app)]
    found = [file for file in files if {"reverse", "static"} & names_used(file.read_text())]
    assert [str(file.relative_to(ROOT)) for file in found] == ["arena/sites.py"]


def test_no_page_is_made_by_a_test_client() -> None:
    files = [file for app in ("config", "ratings", "arena") for file in modules(app)]
    assert [str(file) for file in files if "django.test" in file.read_text()] == []


def test_live_site_links_by_address(settings: Settings) -> None:
    site = LiveSite(RequestFactory().get("/about/", headers={"host": "testserver"}))
    assert site.link("snapshot", "x", query="page=2") == "/leaderboard/snapshots/x/?page=2"
    assert site.beside("gaps.csv", "a=ada") == "gaps.csv?a=ada"
    assert re.fullmatch(r"/static/css/base(\.\w+)?\.css", site.asset("css/base.css"))
    assert site.address("about") == "http://testserver/about/"
    settings.SITE_URL = "https://arena.example"
    assert site.address("about") == "https://arena.example/about/"
    assert site.identity("about") == "https://arena.example/about/"


def test_page_without_a_request_has_links() -> None:
    assert (LIVE.link("about"), LIVE.origin) == ("/about/", "")
    assert Template("{% load links %}{% link 'home' %}").render(Context()) == "/"


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/", "home"),
        ("/leaderboard/", "leaderboard"),
        ("/leaderboard/arena/models/ada/", "leaderboard"),
        ("/campaigns/", "campaigns"),
        ("/campaigns/arena/", ""),
        ("/status/", ""),
    ],
)
def test_menu_marks_where_the_reader_is(path: str, marked: str) -> None:
    below = "leaderboard"
    names = ("home", below, "campaigns", "about")
    tags = {name: f"{{% current '{name}' {'below=True' * (name == below)} %}}" for name in names}
    context = Context(context_of(LiveSite(RequestFactory().get(path))))
    found = {name: Template("{% load links %}" + tag).render(context) for name, tag in tags.items()}
    assert [name for name, said in found.items() if said] == ([marked] if marked else [])
    assert set(found.values()) <= {"", 'aria-current="page"'}
