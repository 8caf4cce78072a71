"""Encrypt all secrets in the database with the first of the keys in SECRETS_KEY."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from people import vault


class Command(BaseCommand):
    help = "Encrypt the database's secrets anew, with the first key in SECRETS_KEY=new,old."

    def handle(self, *args: Any, **options: Any) -> None:
        if not vault.is_ready():
            sys.exit(f"✗ {vault.NO_KEY}")
        try:
            renewed = vault.renew_all()
        except vault.Unreadable as error:
            sys.exit(f"✗ {error} Nothing was changed.")
        for kind, number in renewed.items():
            self.stdout.write(f"✓ {kind}: {number} encrypted with the first key")
        self.stdout.write("Every process may now be restarted with that key alone.")
