"""`make bench-export`: what exporting 1 and 10 million votes costs.

Each export runs in a process of its own, so that its peak resident memory is not shared. Ten times
the votes may take at most 10% more memory. It takes about 12 GB below the temporary folder and half
an hour; the votes are of the slim kind that imports leave, made in the database.
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
MOST_GROWTH = 1.1

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
    describe_machine()
    for (format, suffix), (small, large) in zip(EXPORTS, measured, strict=True):
        report(
            f"memory of an export of 10 million votes over 1 million, {format}{suffix}",
            large["mb"] / small["mb"], MOST_GROWTH, at_most=True,
            mb=large["mb"], seconds=large["seconds"], votes_per_second=large["per_second"],
        )  # fmt: skip


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
