"""Everything `make up` needs before its processes start. Safe to repeat, quick when done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from arena.alone import PREPARING, alone
from arena.contestants.starters import seed
from arena.management.bar import Bar
from config import assets, checks
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
        with _one_at_a_time():
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            roles.make()
        self.stdout.write("✓ tables and roles")
        assets.collect()
        if without_starters:
            return
        try:
            added = seed(settings.WEIGHTS_DIR, partial(Bar, self.stdout))
        except WeightsError as error:
            sys.exit(f"✗ {error}")
        self.stdout.write(f"✓ starter contestants{f': {added} new' if added else ''}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """On whichever hosts. It asks again and again: a query that waits would keep migrations from
    building an index beside the site's work, as that waits for all queries."""
    while True:
        with alone(PREPARING) as is_mine:
            if is_mine:
                yield
                return
        time.sleep(0.5)
