"""`python manage.py backup FILE`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat

from arena.errors import Refused
from arena.management import outputs
from arena.management.bar import Bar
from config.backups import job, making


class Command(BaseCommand):
    help = "Write the whole database to one file, from one moment. See docs/backup.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument(
            "--to", metavar="KEY", default=settings.BACKUP_RECIPIENT,
            help="encrypt it for this public key (backup_key makes one); default: BACKUP_RECIPIENT",
        )  # fmt: skip
        parser.add_argument(
            "--with-secret-key", action="store_true",
            help="with SECRET_KEY, by which the arena knows returning voters",
        )  # fmt: skip
        outputs.add_overwrite(parser)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        outputs.check_free(path, overwrite=options["overwrite"])
        try:
            with Bar(self.stderr, path.name) as bar:
                made = making.make(
                    path,
                    recipient=options["to"],
                    with_secret_key=options["with_secret_key"],
                    progress=bar,
                )
            job.remember(path, made)
        except Refused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            said = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database ended the backup: {said}") from error
        except OSError as error:
            raise CommandError(f"{path} can't be written: {error.strerror or error}.") from error
        how = "encrypted" if options["to"] else "not encrypted"
        self.stdout.write(f"✓ {path}: {filesizeformat(made.bytes)}, {how}")
        if not options["with_secret_key"]:
            self.stdout.write(f"It has no secret key. Keep a copy of {settings.VAR}/secret_key.")
