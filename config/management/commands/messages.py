"""Bring the catalogues in `locale/` up to date with the code, and compile them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Bring the message catalogues up to date and compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if they have faults"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        from config.catalogues import extraction, faults, files, unmarked

        template = extraction.template()
        if not check:
            for language in files.languages():
                files.write(language, files.updated(language, template))
        found = [fault for each in files.languages() for fault in faults.of(each, template)]
        found += unmarked.everywhere()
        for fault in found:
            self.stderr.write(fault)
        if found and check:
            raise CommandError(f"{len(found)} faults in messages (docs/translating.md).")
