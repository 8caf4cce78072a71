"""How much of the machine this process may use: memory and cores, within its control groups.

A container or systemd unit that may use 3 of 64 GB is killed if it uses four: the limits of its own
group and of every group above it apply.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")  # the groups of this process
_MEMORY = ("memory.max", "memory.high", "memory.limit_in_bytes")  # version 2, and version 1


def usable_memory(root: Path = ROOT, own: Path = OWN) -> int:
    """The memory of the machine, or the lowest limit on it [bytes]."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    files = (folder / name for folder in _groups("memory", root, own) for name in _MEMORY)
    limits = (numbers[0] for file in files if (numbers := _numbers(file)))
    return min([physical, *(limit for limit in limits if limit > 0)])


def usable_cores(root: Path = ROOT, own: Path = OWN) -> int:
    """Cores that this process may keep busy, at least 1. With more threads than the quota allows,
    all of them would wait at every barrier."""
    quotas = (quota for folder in _groups("cpu", root, own) if (quota := _quota(folder)))
    return max(1, int(min([_cores_of_affinity(), *quotas])))


def _cores_of_affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(group: Path) -> float:
    """The CPU quota of a group in cores; 0 for none."""
    given = _numbers(group / "cpu.max")
    if not given:
        one = [*_numbers(group / "cpu.cfs_quota_us"), *_numbers(group / "cpu.cfs_period_us")]
        given = one if len(one) == 2 else []
    quota, period = given if len(given) == 2 else (0, 0)
    return quota / period if quota > 0 and period > 0 else 0.0


def _groups(controller: str, root: Path, own: Path) -> Iterator[Path]:
    """The folders of this process's groups and of those above, as far as they are visible: inside
    a container its own group is often the root."""
    for line in _lines(own):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mounts = (controllers, controller) if controllers else ("", "unified")
        for mount in {root / name for name in mounts}:
            inside = [part for part in Path(path).parts[1:] if part != ".."]
            yield from (mount.joinpath(*inside[:depth]) for depth in range(len(inside) + 1))


def _numbers(file: Path) -> list[int]:
    """The numbers in a file; none if it says "max"."""
    words = [word for line in _lines(file) for word in line.split()]
    try:
        return [int(word) for word in words]
    except ValueError:
        return []


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
