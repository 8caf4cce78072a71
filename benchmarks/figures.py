"""Benchmark reports: one JSON line per figure, printed last."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

PACKAGES = (
    "Django", "uvicorn", "celery", "redis", "psycopg", "llama-cpp-python", "pyromark", "numpy",
    "scipy",
)  # fmt: skip


def report(figure: str, ratio: float, goal: float, *, at_most: bool, **measured: float) -> None:
    """Print a figure: our value against the peer's, both from this run, and whether the goal
    holds."""
    holds = ratio <= goal if at_most else ratio >= goal
    line = {"figure": figure, "ratio": round(ratio, 3), "goal": goal, "holds": holds}
    print(json.dumps(line | {name: round(value, 4) for name, value in measured.items()}))


def describe_machine() -> None:
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        cpus = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    cpu = cpus[0] if cpus else platform.machine()
    print(f"{len(cpus)} x {cpu}, Python {platform.python_version()}")
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))
