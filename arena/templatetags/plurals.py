"""`{{ votes|counted:"vote" }}`: a number with its noun, "1 vote" or "2,000 votes"."""

from __future__ import annotations

from django import template

from arena import plurals

register = template.Library()


@register.filter
def counted(number: int, noun: str) -> str:
    return plurals.counted(number, noun)
