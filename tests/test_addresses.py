"""Names of addresses are those of the whole site: a second address of the same name takes the links
of the first."""

from __future__ import annotations

from importlib import import_module
from itertools import combinations

from django.urls import URLPattern

PARTS = (
    "arena.urls", "ratings.urls", "ratings.mine.urls", "ratings.api.urls",
    "ratings.matchmaking.urls", "people.urls",
)  # fmt: skip


def names(part: str) -> set[str]:
    module = import_module(part)
    patterns = [*module.urlpatterns, *getattr(module, "file_urlpatterns", ())]
    return {each.name for each in patterns if isinstance(each, URLPattern) and each.name}


def test_no_two_parts_use_one_name() -> None:
    found = {part: names(part) for part in PARTS}
    assert len(found["arena.urls"]) > 20
    assert len(found["ratings.urls"]) > 10
    assert not {
        (one, other): shared
        for one, other in combinations(PARTS, 2)
        if (shared := found[one] & found[other])
    }
