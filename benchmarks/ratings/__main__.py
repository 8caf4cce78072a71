"""`python -m benchmarks.ratings`: the ratings library against its peers, in time and memory.

Both sides of a ratio are measured in the same run, alternating, on the same votes in memory, and
their medians compared; the best time of each is reported too. Each part runs in a process of its
own: the peers' thread pools and compilers must not disturb each other, and peak memory is a
property of a process. BLAS gets one thread: matrices of 200 x 200 gain nothing from more.

`make bench-ratings` runs it in the peers' own environment, as arena-rank pins an older numpy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version

from benchmarks.figures import report
from benchmarks.ratings.parts import PARTS, Figures
from benchmarks.ratings.votes import N_MODELS, N_VOTES


def measure(part: str) -> Figures:
    """Measure one part in a fresh process."""
    print(f"measuring {part} ...", flush=True)
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.ratings", part]
    done = subprocess.run(
        command, env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True, check=True
    )
    result: Figures = json.loads(done.stdout.splitlines()[-1])
    return result


def report_speed(found: dict[str, Figures]) -> None:
    for part, goal, name in (
        ("arena_rank", 150, "BT + interval: arena-rank's time over ours"),
        ("evalica", 40, "BT: evalica's time without interval over ours with"),
        ("style", 30, "style control + interval: arena-rank's time over ours"),
        ("bootstrap", 20, "bootstrap: FastChat's time for 100 rounds over ours for 1,000"),
    ):
        seconds = {f"{side}_s": value for side, value in found[part].items()}
        ratio = found[part]["peer"] / found[part]["ours"]
        report(name, ratio, goal, at_most=False, **seconds)
    floor = found["counting"]
    seconds = {f"{side}_s": value for side, value in floor.items()}
    report(
        "BT + interval: our time over counting",
        floor["ours"] / floor["floor"],
        2.0,
        at_most=True,
        **seconds,
    )


def report_clustered(found: Figures) -> None:
    seconds = {f"{side}_s": value for side, value in found.items()}
    report(
        "BT + interval clustered by 50,000 voters: time over that of independent votes",
        found["ours"] / found["independent"],
        2.0,
        at_most=True,
        **seconds,
    )


def report_many(found: Figures) -> None:
    seconds = {f"{side}_s": value for side, value in found.items()}
    report(
        "rating 4,500 models of 9,000 votes, start included: CPU over that of one dense factor",
        found["ours"] / found["floor"],
        2.0,
        at_most=True,
        **seconds,
    )


def report_growth(found: Figures) -> None:
    votes = {"1e5_s": found["votes_1e5"], "1e7_s": found["votes_1e7"]}
    tallies = {"1e5_s": found["tallies_1e5"], "1e7_s": found["tallies_1e7"]}
    ratio = found["votes_1e7"] / found["votes_1e5"]
    report("time for 1e7 votes over 1e5", ratio, 100.0, at_most=True, **votes)
    ratio = found["tallies_1e7"] / found["tallies_1e5"]
    report("time from tallies of 1e7 over 1e5", ratio, 1.25, at_most=True, **tallies)


def report_memory(found: dict[str, Figures]) -> None:
    for name, ours_part, peer_part in (
        ("peak memory of BT: ours over arena-rank's", "memory_ours", "memory_arena_rank"),
        (
            "peak memory of style control: ours over arena-rank's",
            "memory_our_style",
            "memory_arena_rank_style",
        ),
    ):
        mine, peer = found[ours_part]["mb"], found[peer_part]["mb"]
        report(name, mine / peer, 0.1, at_most=True, ours_mb=mine, peer_mb=peer)


def main() -> None:
    if len(sys.argv) == 2:
        print(json.dumps(PARTS[sys.argv[1]]()))
        return
    packages = ("numpy", "scipy", "evalica", "arena-rank", "jax", "pandas")
    print(f"{N_VOTES:,} votes x {N_MODELS} models, {os.cpu_count()} processors")
    print(", ".join(f"{package} {version(package)}" for package in packages))
    found = {part: measure(part) for part in PARTS}
    report_speed(found)
    report_clustered(found["clustered"])
    report_many(found["many"])
    report_growth(found["growth"])
    report_memory(found)


if __name__ == "__main__":
    main()
