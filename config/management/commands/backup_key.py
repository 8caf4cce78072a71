"""`python manage.py backup_key FILE`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import sealing


class Command(BaseCommand):
    help = "Make a key for encrypted backups. Its file belongs where the arena is not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        public, content = sealing.new_identity()
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror}.") from error
        self.stdout.write(f"✓ {path} opens what is encrypted for:\n{public}")
        self.stdout.write("Keep that file away from the arena; without it no backup can be opened.")
