"""The panels that somebody may see, asked one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.utils.module_loading import import_string

from .menu import User, may
from .panel import Panel, Says

AWAY = Says("Not known: the queue (Redis) does not answer.", is_urgent=True)


@dataclass(frozen=True)
class Shown:
    panel: Panel
    says: Says


def look(user: User) -> list[Shown]:
    asked = [(panel, _ask(panel)) for panel in panels() if may(user, panel.permission)]
    return [Shown(panel, says) for panel, says in asked if says]


@cache
def panels() -> list[Panel]:
    return [import_string(path)() for path in settings.CONTROL_PANELS]


def _ask(panel: Panel) -> Says | None:
    try:
        return panel.look()
    except redis.RedisError:
        return AWAY
