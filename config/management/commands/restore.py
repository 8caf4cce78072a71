"""`python manage.py restore FILE`"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from arena.errors import Refused
from arena.management.bar import Bar
from config.backups import making, restoring, sealing
from config.backups.archive import Archive, Head

OTHER_KEY = (
    "SECRET_KEY is not the backup's: until it is (copy the old arena's var/secret_key here), the "
    "arena recognises no returning voter."
)


class Command(BaseCommand):
    help = "Fill an empty database from a file of the command backup. See docs/backup.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="of an encrypted backup: what opens it"
        )

    def handle(self, *args: Any, path: Path, key: Path | None, **options: Any) -> None:
        try:
            with path.open("rb") as file, _plain(file, path, key) as plain:
                archive = Archive(plain, str(path))
                with Bar(self.stderr, path.name) as bar:
                    head = restoring.restore(archive, bar)
                secret_key = archive.secret_key()
        except Refused as error:
            raise CommandError(f"{error} Nothing was restored.") from error
        except DatabaseError as error:
            said = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database ended it: {said}. Nothing was restored.") from error
        except OSError as error:
            raise CommandError(f"{error.strerror or error}. Nothing was restored.") from error
        self.stdout.write(f"✓ as it was at {head.made}")
        self._keep_key(head, secret_key)
        call_command("check_tallies", stdout=self.stdout)

    def _keep_key(self, head: Head, secret_key: str | None) -> None:
        if head.key_print == making.key_print(settings.SECRET_KEY):
            return
        if secret_key is None or "SECRET_KEY" in os.environ:
            self.stdout.write(OTHER_KEY)
            return
        file = settings.VAR / "secret_key"
        fresh = making.unfinished(file)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secret_key)
        fresh.rename(file)
        self.stdout.write(f"✓ its secret key, in {file}")


@contextmanager
def _plain(file: BinaryIO, path: Path, key: Path | None) -> Iterator[BinaryIO]:
    """Raises Refused and OSError."""
    if not sealing.is_sealed(file):
        yield file
        return
    if key is None:
        raise CommandError(f"{path} is encrypted. Name the file of its key with --key.")
    with sealing.opened(file, str(path), sealing.identities(key), settings.VAR) as plain:
        yield plain
