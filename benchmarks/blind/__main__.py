"""`make bench-blind`: 500 battles of contestants of 5, 20 and 60 tokens a second, watched through
the site's own consumer; classifiers that are given every byte and its time tell the quicker side.

Prints one JSON line. `holds`: the area under the ROC curve is at most 0.55 (0.5: at chance). The
control gives the same classifiers battles shown as the words arrive: it must find them.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores wait for each other
django.setup()

from benchmarks.figures import describe_machine  # noqa: E402
from evenhand.machine import usable_cores  # noqa: E402

from .battles import drawn  # noqa: E402
from .facts import mirrored, numbers, words  # noqa: E402
from .learning import Floats, Learned, auc, interval, told  # noqa: E402
from .watching import as_it_comes, watched  # noqa: E402

BATTLES, CONTROL = 500, 120
AT_ONCE = 10  # battles of a process, each with its twin
GOAL = 0.55
SEED = 16
WATCHED = {"ours": watched, "control": as_it_comes}


def main(number: int) -> None:
    learned = of("ours", number)
    control = of("control", min(number, CONTROL))
    ours, found = told(learned), told(control)
    describe_machine()
    report(learned, ours, auc(found["all"], control.truth))


def of(how: str, number: int) -> Learned:
    """Watches so many battles, half of which are the twins of the others."""
    parts = [range(n, min(n + AT_ONCE, number // 2)) for n in range(0, number // 2, AT_ONCE)]
    with ProcessPoolExecutor(usable_cores()) as pool:
        return Learned.of([*pool.map(partial(_watch, how), parts)])


def _watch(how: str, which: range) -> Learned:
    played = [*drawn(which, SEED)]
    records = [WATCHED[how](one) for one in played]
    turned = [mirrored(one.lines) for one in records]
    return Learned(
        np.array([numbers(one, one.lines) for one in records]),
        np.array([numbers(*each) for each in zip(records, turned, strict=True)]),
        [words(one.lines) for one in records],
        [words(lines) for lines in turned],
        np.array([one.quick == "A" for one in played]),
    )


def report(learned: Learned, ours: dict[str, Floats], control: float) -> None:
    truth = learned.truth
    value = auc(ours["all"], truth)
    low, high = interval(ours["all"], truth)
    line = {
        "figure": "blind: AUC of the quicker side", "auc": value, "low": low, "high": high,
        "goal": GOAL, "holds": value <= GOAL, "battles": len(truth),
        **{name: auc(said, truth) for name, said in ours.items() if name != "all"},
        "control": control,
    }  # fmt: skip
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BATTLES)
