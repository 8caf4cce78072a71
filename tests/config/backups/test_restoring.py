"""What was backed up is restored to the last digit, or nothing is, with a sentence."""

from __future__ import annotations

import io
import json
import re
import resource
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection

from arena.errors import Refused
from arena.models import Battle, Campaign, Tally, Voter
from config.backups import archive, making, restoring, schema, sealing
from config.backups.archive import Archive
from people.models import AuditEvent
from ratings.models import Rating
from ratings.refreshing.recount import differences

from .conftest import Empty

INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal ORDER BY 1, 2
"""


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    with path.open("rb") as file:
        yield Archive(file, path.name)


def restore(path: Path) -> None:
    with opened(path) as found:
        restoring.restore(found)


def sums_of(path: Path) -> dict[str, list[Any]]:
    """Rows and hash of each table, as they are now, by a backup that is written to `path`."""
    making.make(path)
    with path.open("rb") as file:
        sums = dict(json.loads(dict(archive._read(file))[archive.SUMS]))
    del sums[archive.HEAD]  # it has the time
    return sums


def shape() -> list[Any]:
    """All that a table has besides rows."""
    with connection.cursor() as cursor:
        parts = (schema.COLUMNS, schema.REFERENCES, INDEXES, TRIGGERS)
        kept = schema.tables(cursor).keys() - {*schema.NOT_KEPT}
        found: list[Any] = [schema._asked(cursor, part) for part in parts]
        return [*found, schema.sequences(cursor, kept)]


def refusal(path: Path) -> str:
    """Why it is not restored; then nothing has changed."""
    with pytest.raises(Refused) as refused:
        restore(path)
    assert not Voter.objects.exists()
    assert not Battle.objects.exists()
    return str(refused.value)


def digits() -> list[Any]:
    return [
        list(Rating.objects.order_by("pk").values()),
        list(Tally.objects.order_by("pk").values()),
        list(Battle.objects.order_by("pk").values_list("public_id", "vote__verdict")),
    ]


def test_restored_arena_is_the_same(arena: list[Battle], empty: Empty, tmp_path: Path) -> None:
    backup = tmp_path / "backup.tar.zst"
    sums, before, figures = sums_of(backup), shape(), digits()
    kept = {table for table, (rows, _) in sums.items() if rows}
    assert {"arena_vote", "arena_tally", "arena_battlewords", "ratings_rating", "auth_user"} < kept
    with empty():
        fresh = shape()[:-1]
        restore(backup)
        assert digits() == figures
        assert sums_of(tmp_path / "again.tar.zst") == sums
        assert shape() == before
        assert shape()[:-1] == fresh  # what was taken away while loading is there again
        assert [differences(campaign) for campaign in Campaign.objects.all()] == [[], []]


def test_restored_arena_goes_on(backup: Path, arena: list[Battle], empty: Empty) -> None:
    last = Voter.objects.latest("pk").pk
    with empty():
        restore(backup)
        assert Voter.objects.create().pk > last
        with pytest.raises(DatabaseError, match="append-only"):
            AuditEvent.objects.update(who="nobody")


def test_backup_is_of_one_moment(arena: list[Battle], empty: Empty, tmp_path: Path) -> None:
    voters = Voter.objects.count()
    url = "host={HOST} user={USER} dbname={NAME}".format(**connection.settings_dict)

    def meanwhile(done: float) -> None:
        with psycopg.connect(url) as other:
            other.execute(
                "INSERT INTO arena_voter (key, created) VALUES (gen_random_uuid(), now())"
            )

    making.make(tmp_path / "made", progress=meanwhile)
    assert Voter.objects.count() > voters
    with empty():
        restore(tmp_path / "made")
        assert Voter.objects.count() == voters


def test_file_is_its_owners_only_and_never_half_written(
    arena: list[Battle], tmp_path: Path
) -> None:
    path = tmp_path / "made"

    def fail(done: float) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        making.make(path, progress=fail)
    assert not path.exists()
    making.make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_full_disk_ends_a_backup_with_a_sentence(
    arena: list[Battle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "made"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # it would be cut off, too
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        for options in ([], ["--to", sealing.new_identity()[0]]):
            with pytest.raises(CommandError, match=r"can't be written: File too large\."):
                call_command("backup", str(path), *options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("made")]


def test_damaged_and_cut_files_change_nothing(backup: Path, empty: Empty, tmp_path: Path) -> None:
    content = backup.read_bytes()
    bad = tmp_path / "bad"
    with empty():
        for at in (0, 40, len(content) // 3, len(content) // 2, len(content) - 10):
            flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            for damaged in (content[:at], flipped):
                bad.write_bytes(damaged)
                assert re.match(r"bad is damaged, cut off, or no backup \(.+\)\. Use", refusal(bad))


def test_rows_that_are_not_those_that_were_summed_are_refused(
    backup: Path, empty: Empty, tmp_path: Path
) -> None:
    """The container is sound, but not what is in it."""

    def other_verdicts(name: str, content: bytes) -> bytes | None:
        return content.replace(b"\tTIE\t", b"\tA\t")

    def other_head(name: str, content: bytes) -> bytes | None:
        return with_head(name, content, sequences={})

    def few_tables(name: str, content: bytes) -> bytes | None:
        return with_head(name, content, tables={"arena_vote": ["id"]})

    def no_sums(name: str, content: bytes) -> bytes | None:
        return None if name == archive.SUMS else content

    def bad_sums(name: str, content: bytes) -> bytes | None:
        return content[:-1] + b"_" if name == archive.SUMS else content

    for change, why in (
        (other_verdicts, "its sums differ"),
        (other_head, "its sums differ"),
        (few_tables, "of which its beginning says nothing"),
        (no_sums, "its end is missing"),
        (bad_sums, "its sums can't be read"),
        (lambda name, content: b"[1]" if name == archive.SUMS else content, "can't be read"),
    ):
        rewrite(backup, tmp_path / "other", change)
        with empty():
            assert why in refusal(tmp_path / "other")


def test_backup_of_a_later_release_is_refused(backup: Path, empty: Empty, tmp_path: Path) -> None:
    def later_format(name: str, content: bytes) -> bytes | None:
        return with_head(name, content, format=2, evenhand="9.0")

    def later_migration(name: str, content: bytes) -> bytes | None:
        if name == archive.SUMS:  # the head was not summed before
            sums = json.loads(content)
            del sums[archive.HEAD]
            return json.dumps(sums).encode()
        return with_head(name, content, migrations=[["arena", "9999_later"]])

    rewrite(backup, tmp_path / "format", later_format)
    rewrite(backup, tmp_path / "migration", later_migration)
    with empty():
        assert "made by Evenhand 9.0, in a format" in refusal(tmp_path / "format")
        assert "later Evenhand: arena 9999_later is not known" in refusal(tmp_path / "migration")


def test_arena_that_is_there_is_not_overwritten(backup: Path, empty: Empty) -> None:
    with empty():
        kept = Voter.objects.create()
        with pytest.raises(Refused, match="There is an arena here already: arena_voter has rows"):
            restore(backup)
        assert list(Voter.objects.all()) == [kept]


def test_database_with_other_tables_is_not_touched(backup: Path, empty: Empty) -> None:
    with empty() as url, psycopg.connect(url, autocommit=True) as other:
        other.execute("CREATE TABLE theirs (id int)")
        assert "The database has other tables (theirs)" in refusal(backup)
        other.execute("SELECT * FROM theirs")


def test_database_in_use_is_not_touched(backup: Path, empty: Empty) -> None:
    with empty() as url, psycopg.connect(url):
        assert "in use, by 1 other connection. Stop the arena first" in refusal(backup)


def test_database_that_dies_while_rows_are_loaded_has_none(backup: Path, empty: Empty) -> None:
    with empty() as url:

        def die(done: float) -> None:
            if done > restoring.VERIFYING + 0.3:
                with psycopg.connect(url) as other:
                    other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )

        with opened(backup) as found, pytest.raises(OperationalError):
            restoring.restore(found, die)
        connection.close()
        assert not Voter.objects.exists()
        restore(backup)  # as if nothing had happened
        assert Voter.objects.exists()


def test_encrypted_backup_opens_with_its_key_only(
    arena: list[Battle], empty: Empty, tmp_path: Path
) -> None:
    path, mine, others = tmp_path / "sealed", tmp_path / "mine", tmp_path / "others"
    said = StringIO()
    call_command("backup_key", str(others), stdout=StringIO())
    call_command("backup_key", str(mine), stdout=said)
    public = said.getvalue().splitlines()[1]
    call_command("backup", str(path), "--to", public, stdout=StringIO())
    assert stat.S_IMODE(mine.stat().st_mode) == 0o600
    assert b"Ada" not in path.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(path.read_bytes()[:-50])
    with empty():
        for options, why in (
            ([path], "is encrypted. Name the file of its key with --key."),
            ([path, "--key", others], "was encrypted for another key."),
            ([path, "--key", tmp_path / "none"], "none can't be read as a key of age."),
            ([cut, "--key", mine], "cut is damaged or cut off: it can't be decrypted."),
        ):
            with pytest.raises(CommandError, match=re.escape(why)):
                call_command("restore", *map(str, options))
            assert not Voter.objects.exists()
        call_command("restore", str(path), "--key", str(mine), stdout=StringIO())
        assert Voter.objects.exists()


def test_key_that_is_none_is_named(arena: list[Battle], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="'age1nonsense' is no public key of age"):
        call_command("backup", str(tmp_path / "made"), "--to", "age1nonsense")
    assert not (tmp_path / "made").exists()


def test_secret_key_comes_along_if_asked_for(
    arena: list[Battle], empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_key, without = tmp_path / "with", tmp_path / "without"
    call_command("backup", str(with_key), "--with-secret-key", stdout=StringIO())
    call_command("backup", str(without), stdout=StringIO())
    key = settings.SECRET_KEY
    for path, told in (
        (without, "SECRET_KEY is not the backup's"),
        (with_key, "its secret key, in"),
    ):
        with empty(), monkeypatch.context() as other:
            other.setattr(settings, "SECRET_KEY", "another one")
            said = StringIO()
            call_command("restore", str(path), stdout=said)
            assert told in said.getvalue()
            assert "0 counts differ from a recount" in said.getvalue()
    assert (tmp_path / "secret_key").read_text() == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def rewrite(path: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """With other parts, or without one."""
    with path.open("rb") as file, tarfile.open(to.with_suffix(".tar"), "w") as tar:
        for name, content in archive._read(file):
            if (changed := change(name, content)) is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(changed)
                tar.addfile(entry, io.BytesIO(changed))
    with archive._arrow().CompressedOutputStream(str(to), "zstd") as out:
        out.write(to.with_suffix(".tar").read_bytes())


def with_head(name: str, content: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(content) | changes).encode() if name == archive.HEAD else content
