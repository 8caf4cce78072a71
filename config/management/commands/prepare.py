"""Everything `make up` needs before its processes start. Safe to repeat, quick when done."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError

from arena.contestants.starters import seed
from arena.management.bar import Bar
from config import checks
from inference.contract.weights import WeightsError
from people import roles


class Command(BaseCommand):
    help = "Create tables, collect static files, fetch the starter weights, enter the starters."
    requires_system_checks = [checks.TAG]  # not those that need a database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-starters", action="store_true",
            help="for a host without models, or an arena with only its own",
        )  # fmt: skip

    def handle(self, *args: Any, without_starters: bool, **options: Any) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        except OperationalError as error:
            sys.exit(f"✗ The database does not answer: {str(error).strip()}. Check DATABASE_URL.")
        roles.make()
        self.stdout.write("✓ tables and roles")
        call_command("collectstatic", verbosity=0, interactive=False)
        if without_starters:
            return
        try:
            added = seed(settings.WEIGHTS_DIR, partial(Bar, self.stdout))
        except WeightsError as error:
            sys.exit(f"✗ {error}")
        self.stdout.write(f"✓ starter contestants{f': {added} new' if added else ''}")
