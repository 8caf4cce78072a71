"""Settings of scheduled backups (`config.backups`)."""

from __future__ import annotations

from datetime import timedelta

import environ

from .numbers import number, switch

__all__ = [
    "BACKUP_DIR",
    "BACKUP_EVERY",
    "BACKUP_KEEP_DAYS",
    "BACKUP_KEEP_WEEKS",
    "BACKUP_RECIPIENT",
    "BACKUP_SECRET_KEY",
]
_env = environ.Env()

BACKUP_DIR = str(_env.str("BACKUP_DIR", default=""))  # none: no scheduled backups
BACKUP_EVERY = timedelta(hours=number("BACKUP_HOURS", 24.0))
# The newest of each of so many days, and of so many weeks; all others are deleted.
BACKUP_KEEP_DAYS = number("BACKUP_KEEP_DAYS", 7)
BACKUP_KEEP_WEEKS = number("BACKUP_KEEP_WEEKS", 4, least=0)
BACKUP_RECIPIENT = str(_env.str("BACKUP_RECIPIENT", default="")).strip()  # a public key of age
BACKUP_SECRET_KEY = switch("BACKUP_SECRET_KEY")
