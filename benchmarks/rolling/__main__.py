"""`make bench-rolling`: rolling upgrades, one after the other, while battles are played.

Processes of the release before work beside those of this one, on the same servers; battles are
begun at one and voted on at the other; then the older ones are told to stop. A JSON line for each
upgrade, and one for all. Goals: no battle that ends without a vote or shows a word twice or not at
all, no vote lost or changed, no tally wrong.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.faults.arenas import arena
from benchmarks.figures import describe_machine

from .older import BEFORE, checkout
from .reading import SAID
from .upgrading import Outcome, upgrade


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rolling", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--battles", type=int, default=40, help="per upgrade")
    parser.add_argument("--at-once", type=int, default=8, help="volunteers")
    rounds = list(upgrades(parser.parse_args()))
    sums = {name: sum(getattr(each, name) for each in rounds) for name in asdict(rounds[0])}
    sums["moved_s"] = max(each.moved_s for each in rounds)
    holds = all(each.holds for each in rounds)
    about = {"before": BEFORE[:10], "upgrades": len(rounds)}
    print(json.dumps(about | sums | {"holds": holds}))
    describe_machine()


def upgrades(asked: argparse.Namespace) -> Iterator[Outcome]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evenhand-before-")))
        site = stack.enter_context(arena("plain", SAID)).site
        code, seed = checkout(folder / "code"), 0
        end = time.monotonic() + 60 * asked.minutes
        while not seed or time.monotonic() < end:
            seed += 1
            outcome = upgrade(
                site, code, folder / "var", battles=asked.battles, at_once=asked.at_once, seed=seed
            )
            print(json.dumps(asdict(outcome) | {"holds": outcome.holds}), flush=True)
            yield outcome


if __name__ == "__main__":
    main()
