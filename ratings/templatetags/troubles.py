"""Troubles of boards for the arena's status page, shown to staff."""

from __future__ import annotations

from django import template

from ratings.models import Trouble
from ratings.refreshing import troubles

register = template.Library()


@register.simple_tag
def board_troubles() -> list[Trouble]:
    return troubles.every()
