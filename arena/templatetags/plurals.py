"""Numbers in templates: `{{ votes|counted:"vote" }}` is "1 vote" or "2,000 votes"; `percent` takes
a number as text, `dollars` a price, `two_digits` a measure."""

from __future__ import annotations

from django import template

from arena import plurals

register = template.Library()
register.filter(plurals.percent)
register.filter(plurals.dollars)
register.filter(plurals.two_digits)


@register.filter
def counted(number: int, noun: str) -> str:
    return plurals.counted(number, noun)
