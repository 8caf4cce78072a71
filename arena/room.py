"""Room on the disk. While too little is left, the arena can be read but takes nothing: the rest is
for what is under way, and for the servers themselves."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext, gettext_noop

from .errors import Code, Refused

RESERVE_BYTES = 64 * 1024**2
NO_ROOM = gettext_noop(
    "The disk of the arena is full, so it can only be read at the moment. Nothing has been lost: "
    "send this again later."
)


def check() -> None:
    """Raises Refused while there is too little room to store anything."""
    if _free_bytes() < RESERVE_BYTES:
        raise refusal()


def refusal() -> Refused:
    return Refused(gettext(NO_ROOM), code=Code.NO_ROOM, status=503)


def is_lacking(error: Exception) -> bool:
    """Whether PostgreSQL, which may have a disk of its own, had no room."""
    return isinstance(error, DatabaseError) and (
        getattr(error.__cause__, "sqlstate", None) == "53100"  # disk_full
    )


def _free_bytes() -> int:
    try:
        return shutil.disk_usage(settings.VAR).free
    except OSError:  # no such folder: nothing is stored there
        return RESERVE_BYTES
