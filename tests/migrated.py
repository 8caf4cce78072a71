"""PostgreSQL's files with an empty, migrated database, made once for each state of the migrations.

To make them costs twenty seconds of CPU: initdb, then every migration since the first release. Each
process of a run copies them in less than one. `python -m tests.migrated FOLDER` makes them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.embedded import Servers
from config.embedded.places import make_private

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(tempfile.gettempdir()) / f"evenhand-migrated-{os.getuid()}"
KEPT_S = 7 * 86_400  # unused
# A migration may read any of these; models only decide the names of permissions, as migrations do.
READ = (
    "tests/migrated.py",
    "*/migrations/*.py",
    "arena/models/*.py",
    "arena/labels/data/*",
    "requirements.lock",
)


def copy_to(data: Path) -> None:
    """Fill `data`, which must not exist, with the files of a migrated cluster that does not run."""
    with _alone():
        made = KEPT / state()
        if not made.exists():
            _make(made)
        os.utime(made)
        data.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(made), str(data)], check=True)


def state() -> str:
    """Another name whenever migrating could have another result."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in READ for path in ROOT.glob(pattern)):
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:20]


@contextmanager
def _alone() -> Iterator[None]:
    make_private(KEPT)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(made: Path) -> None:
    for old in KEPT.iterdir():
        if old.is_dir() and old.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix="evenhand-migrating-") as folder:
        var = Path(folder)
        var.chmod(0o755)  # when run as root, PostgreSQL's account needs access
        subprocess.run([sys.executable, "-m", __name__, folder], cwd=ROOT, check=True)
        shutil.move(var / "postgres" / "data", made)


def _migrate(var: Path) -> None:
    servers = Servers(var, environ={})
    with servers.running():
        _forget_when_power_fails(servers.urls["DATABASE_URL"])
        os.environ |= {
            "ARENA_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **servers.urls,
        }
        import django  # now that the servers, which its settings name, are known
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)


def _forget_when_power_fails(url: str) -> None:
    """Nothing outlives a run of the tests, so commits need not wait for the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    _migrate(Path(sys.argv[1]))
