"""Whether memory grows: the resident size of every process over many battles."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from random import Random

from tests.live.site import Site

from .parts import CHILDREN, SERVERS, pids
from .voters import Crowd

PARTS = (*CHILDREN, "supervisor", *SERVERS)
AT_ONCE = 6
ROUND = 12  # battles between two looks


def soak(site: Site, battles: int, minutes: float) -> None:
    """Print the first and the last quarter of each process, and their ratio."""
    sizes: dict[str, list[float]] = {part: [] for part in PARTS}
    random, until, done = Random(1), time.monotonic() + 60 * minutes, 0
    while done < battles and time.monotonic() < until:
        with Crowd(site, ROUND, AT_ONCE, random, 120.0) as crowd:
            pass
        done += len(crowd.seen.votes)
        for part in PARTS:
            sizes[part].append(megabytes(pids(site, part)[0]))
    quarter = max(1, len(sizes["web"]) // 4)
    for part, found in sizes.items():
        first, last = statistics.median(found[:quarter]), statistics.median(found[-quarter:])
        line = {"part": part, "first_mb": round(first, 1), "last_mb": round(last, 1)}
        print(json.dumps(line | {"ratio": round(last / first, 3), "battles": done}), flush=True)


def megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
