"""`{% link 'name' argument %}`: Django's `{% url %}`, worked out once for each address.

A page has two dozen of them, mostly the same as on every other; finding them anew took a twelfth of
the time of a page.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.urls import get_script_prefix, reverse

register = template.Library()


@register.simple_tag
def link(name: str, *arguments: object) -> str:
    return _address(get_script_prefix(), name, arguments)


@lru_cache(maxsize=4096)
def _address(prefix: str, name: str, arguments: tuple[object, ...]) -> str:
    return reverse(name, args=arguments)
