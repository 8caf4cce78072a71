"""`make bench-export`: what exporting 1 and 10 million votes costs.

Each export runs in a process of its own, so that its peak resident memory is not shared. Ten times
the votes may take at most 10% more memory, and five times as long as a bare `COPY` of the columns
that are read; 100,000 votes a second of our own format are exported, and half as many of others.
It takes about 12 GB below the temporary folder; the votes are of the slim kind that imports leave,
made in the database.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import describe_machine, report
from benchmarks.servers import own_servers

CAMPAIGNS = {"million": 1_000_000, "ten-million": 10_000_000}
EXPORTS = (("evenhand", ".jsonl"), ("evenhand", ".parquet"), ("arena-140k", ".parquet"))
MODELS = 129
MOST_GROWTH, MOST_OVER_COPY, MOST_OVER_OWN = 1.1, 5.0, 2.0
LEAST = 100_000  # votes a second

FILL = """
INSERT INTO arena_importedvote
    (source_id, contestant_a_id, contestant_b_id, verdict, key, voter, item, language, at)
SELECT %s, %s + n %% %s, %s + (n + 1 + n / 1000 %% (%s - 1)) %% %s,
    (ARRAY['A', 'B', 'TIE', 'BOTH_BAD'])[1 + n %% 4], md5(n::text), 'voter ' || n %% 90000, '',
    'en', timestamptz '2024-05-01' + n * interval '1 second'
FROM generate_series(1, %s) AS n
"""


def main() -> None:
    with own_servers() as folder:
        fill()
        measured = [[measure(*each, slug, folder) for slug in CAMPAIGNS] for each in EXPORTS]
        bare_s = copied("ten-million", folder / "copied")
    describe_machine()
    for (format, suffix), (small, large) in zip(EXPORTS, measured, strict=True):
        what = f"an export of 10 million votes, {format}{suffix}"
        report(
            f"memory of {what}, over 1 million", large["mb"] / small["mb"], MOST_GROWTH,
            at_most=True, mb=large["mb"], seconds=large["seconds"], copy_seconds=bare_s,
        )  # fmt: skip
        if format != "evenhand":
            over_own = large["seconds"] / measured[1][1]["seconds"]
            report(f"time of {what}, over ours", over_own, MOST_OVER_OWN, at_most=True)
            continue
        over_copy, per_second = large["seconds"] / bare_s, large["per_second"]
        report(f"time of {what}, over COPY", over_copy, MOST_OVER_COPY, at_most=True)
        report(f"votes a second of {what}, over 100,000", per_second / LEAST, 1.0, at_most=False)


def copied(slug: str, path: Path) -> float:
    """Seconds of a bare `COPY` of the columns that an export reads, in its order; best of two."""
    from django.db import connection

    from arena.exporting.votes import SLIM, brought_to
    from arena.models import Campaign

    [query, values] = (
        brought_to(Campaign.objects.get(slug=slug))
        .order_by("pk")
        .values_list(*SLIM)
        .query.sql_with_params()
    )
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        with connection.cursor() as cursor, path.open("wb") as file:
            asked = cursor.connection.cursor().mogrify(query, values)
            with cursor.copy(f"COPY ({asked}) TO STDOUT") as copy:
                file.writelines(copy)
        seconds.append(time.perf_counter() - began)
    path.unlink()
    return min(seconds)


def fill() -> None:
    """A campaign of each size."""
    from django.db import connection

    first = enter_contestants()
    with connection.cursor() as cursor:
        for slug, votes in CAMPAIGNS.items():
            source = enter_import(slug)
            cursor.execute(FILL, [source, first, MODELS, first, MODELS, MODELS, votes])
        cursor.execute("ANALYZE arena_importedvote")


def enter_contestants() -> int:
    """The primary key of the first; the others follow it."""
    from arena.models import Contestant

    made = Contestant.objects.bulk_create(
        Contestant(name=f"model-{n}", slug=f"model-{n}", access="PROPRIETARY")
        for n in range(MODELS)
    )
    return min(contestant.pk for contestant in made)


def enter_import(slug: str) -> int:
    from arena.models import Campaign, Import

    campaign = Campaign.objects.create(slug=slug, name=slug, kind=Campaign.Kind.IMPORTED)
    return Import.objects.create(campaign=campaign, format="csv", name=slug, sha256=slug).pk


def measure(format: str, suffix: str, slug: str, folder: Path) -> dict[str, float]:
    """One export in a process of its own; its file is removed."""
    path = folder / f"{slug}{suffix}"
    command = [sys.executable, "-m", "benchmarks.exporting", format, slug, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    told["file_mb"] = path.stat().st_size / 1e6
    path.unlink()
    print(format, suffix, slug, told, flush=True)
    return told


def export_once(format: str, slug: str, path: Path) -> None:
    """Export a campaign and print the seconds and this process's peak memory."""
    import django

    django.setup()
    from arena.exporting.formats import FORMATS
    from arena.exporting.outlet import export

    began = time.perf_counter()
    votes = export(FORMATS[format], path, slug).votes
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "per_second": votes / seconds, "mb": peak_mb()}))


def peak_mb() -> float:
    """Peak resident memory. Not by getrusage, which includes the parent's memory before the
    exec."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        export_once(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    else:
        main()
