"""What the status page, which belongs to the arena, says of boards to its staff."""

from __future__ import annotations

from django import template

from ratings.models import Trouble
from ratings.refreshing import troubles

register = template.Library()


@register.simple_tag
def board_troubles() -> list[Trouble]:
    return troubles.every()
