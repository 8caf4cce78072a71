"""`make bench-faults`: whatever can die, freeze or lose its connections does so while voters vote.

One JSON line per cell, and a table. Goals: no vote lost, changed or made up, no tally wrong, no
battle stuck for a minute, at most 5% void, and who comes after the fault can vote within a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import product

from benchmarks.figures import describe_machine

from .arenas import KINDS, CannotError, arena
from .cells import Cell, run
from .parts import CHILDREN, CLOCKS, NETWORK, PARTS, SERVERS, Fault
from .soak import soak

STOPS_S = (15.0, 180.0)
CUT_S = 60.0
LACKING_S = 30.0  # memory
JUMP_S = 30.0  # until a clock that is wrong is set right
MATRIX = (
    *(Fault(part, "kill") for part in PARTS),
    *(Fault(part, "vote") for part in ("web", *SERVERS)),
    *(Fault(part, "stop", seconds) for seconds in STOPS_S for part in PARTS),
    *(Fault(part, "memory", LACKING_S) for part in (*CHILDREN, "supervisor", *SERVERS)),
    *(Fault(server, how, CUT_S) for server in SERVERS for how in NETWORK),
    Fault("disk", "full", CUT_S),
    *(Fault(part, how, JUMP_S) for part in (*CHILDREN, "all") for how in CLOCKS),
)
HEAD = ("fault", "battles", "votes", "lost", "changed", "unasked", "void", "stuck",
        "wrong_tallies", "recovery_s", "files_s", "ended_s", "replaced_s", "holds")  # fmt: skip


def main() -> None:
    asked = arguments()
    if asked.soak:
        with arena("plain", pause_s=0.0) as there:
            soak(there.site, asked.soak, asked.minutes)
    chosen = [fault for fault in MATRIX if any(fnmatch(fault.name, one) for one in asked.cells)]
    cells: list[Cell] = []
    for kind in KINDS:
        if faults := [fault for fault in chosen if fault.arena == kind]:
            cells += cells_in(kind, faults, asked)
    print_table(cells)
    describe_machine()


def cells_in(kind: str, faults: list[Fault], asked: argparse.Namespace) -> Iterator[Cell]:
    """One after the other, in an arena of this kind."""
    try:
        with arena(kind) as there:
            for fault, time in product(faults, range(asked.times)):
                said = len(there.site.lines)
                cell = run(there, fault, battles=asked.battles, at_once=asked.at_once,
                           seed=asked.seed + time)  # fmt: skip
                print(json.dumps(cell.as_data()), flush=True)
                if asked.log:
                    print("\n".join(there.site.lines[said:]), file=sys.stderr)
                yield cell
    except CannotError as error:
        print(f"NOT RUN: {', '.join(fault.name for fault in faults)}: {error}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("cells", nargs="*", default=["*"], help="such as 'web:*' 'valkey:kill'")
    parser.add_argument("--battles", type=int, default=30, help="per cell; 0: an idle arena")
    parser.add_argument("--times", type=int, default=1, help="how often each fault, in one arena")
    parser.add_argument("--at-once", type=int, default=6, help="voters")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--soak", type=int, default=0, help="battles of a soak before the cells")
    parser.add_argument("--minutes", type=float, default=60.0, help="the most that a soak takes")
    parser.add_argument("--log", action="store_true", help="also what the arena says meanwhile")
    return parser.parse_args()


def print_table(cells: list[Cell]) -> None:
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for cell in cells:
        data = cell.as_data()
        print("| " + " | ".join(str(data[name]) for name in HEAD) + " |")


if __name__ == "__main__":
    main()
