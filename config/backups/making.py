"""Writes a backup: one snapshot of the database, streamed."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.crypto import salted_hmac

from arena.errors import Code, Refused
from ratings import VERSION

from . import schema, sealing
from .archive import PART, Head, Part, written

Progress = Callable[[float], None]  # called with the fraction done


@dataclass(frozen=True)
class Made:
    bytes: int
    tables: int


def make(
    path: Path,
    *,
    recipient: str = "",
    with_secret_key: bool = False,
    progress: Progress = lambda done: None,
) -> Made:
    """Write a backup to `path`, which appears only when it is complete, readable by its owner only.
    Encrypted if there is a recipient, the public key of an age identity. Raises Refused, OSError
    and what PostgreSQL does."""
    sealer = sealing.recipient(recipient) if recipient else None
    fresh = unfinished(path)
    fresh.unlink(missing_ok=True)
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            snapshot = Snapshot(progress, settings.SECRET_KEY if with_secret_key else None)
            with closing(snapshot.chunks()) as chunks:
                if sealer:
                    sealing.seal(chunks, file, sealer)
                else:
                    file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return Made(path.stat().st_size, snapshot.tables)


def unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def key_print(secret_key: str) -> str:
    """Tells keys apart, and gives none away."""
    print_ = salted_hmac("evenhand.backup", "which key", secret_key, algorithm="sha256")
    return print_.hexdigest()[:16]


class Snapshot:
    """The database at one moment."""

    def __init__(self, progress: Progress, secret_key: str | None) -> None:
        self.tables = 0
        self._progress = progress
        self._secret_key = secret_key

    def chunks(self) -> Generator[bytes]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(schema.PLAIN)
            head = _head(cursor)
            self.tables = len(head.tables)
            yield from written(head, self._secret_key, self._rows(cursor, head))

    def _rows(self, cursor: CursorWrapper, head: Head) -> Iterator[Part]:
        sizes = {table: size + 1 for table, size in schema.sizes(cursor).items()}
        total, before = sum(sizes[table] for table in head.tables), 0
        for table, columns in head.tables.items():
            copied = 0
            for content in _copied(cursor, table, columns):
                yield table, content
                copied += len(content)
                self._progress((before + min(copied, sizes[table])) / total * 0.999)
            before += sizes[table]
        self._progress(1.0)


def _head(cursor: CursorWrapper) -> Head:
    tables = schema.tables(cursor)
    kept = {table: tables[table] for table in tables if table not in schema.NOT_KEPT}
    if not kept:
        raise Refused("The database is empty: there is nothing to keep.", code=Code.BAD_FILE)
    cursor.execute("SHOW server_version")
    [server] = cursor.fetchone() or [""]
    return Head(
        made=timezone.now().isoformat(timespec="seconds"),
        evenhand=VERSION,
        server=server,
        migrations=sorted(map(list, MigrationRecorder(connection).applied_migrations())),
        tables=kept,
        sequences=schema.sequences(cursor, kept),
        key_print=key_print(settings.SECRET_KEY),
    )


def _copied(cursor: CursorWrapper, table: str, columns: list[str]) -> Iterator[bytes]:
    query = f"COPY {schema.quoted([table])} ({schema.quoted(columns)}) TO STDOUT"
    part = bytearray()
    with connection.wrap_database_errors, cursor.copy(query) as copy:
        for row in copy:
            part += row
            if len(part) >= PART:
                yield bytes(part)
                part.clear()
    if part:
        yield bytes(part)
