"""`{% link 'name' argument %}`: Django's `{% url %}` with a cache.

A page has two dozen links, mostly the same as on every other page; resolving them each time took a
twelfth of the time to render it.
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
