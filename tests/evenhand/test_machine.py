"""The limits of a process from its control groups: from made-up folders, and from a real group."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evenhand.machine import usable_cores, usable_memory

GB = 10**9
PHYSICAL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
CORES = len(os.sched_getaffinity(0))


def group(root: Path, path: str, **files: str) -> None:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content + "\n")


def belonging(root: Path, lines: str) -> Path:
    own = root / "own"
    own.write_text(lines)
    return own


@pytest.mark.parametrize("name", ["memory__max", "memory__high"])
def test_limit_of_its_own_group_counts(tmp_path: Path, name: str) -> None:
    group(tmp_path, "unit.slice/app", **{name: str(GB)})
    assert usable_memory(tmp_path, belonging(tmp_path, "0::/unit.slice/app\n")) == GB


def test_limit_of_a_group_above_counts(tmp_path: Path) -> None:
    group(tmp_path, "a", memory__max=str(GB))
    group(tmp_path, "a/b/c", memory__max="max", memory__high="max")
    assert usable_memory(tmp_path, belonging(tmp_path, "0::/a/b/c\n")) == GB


@pytest.mark.parametrize("path", ["/", "/docker/0123", "/../../somewhere"])
def test_inside_a_container_the_root_is_its_own_group(tmp_path: Path, path: str) -> None:
    group(tmp_path, ".", memory__max=str(GB), cpu__max="100000 100000")
    own = belonging(tmp_path, f"0::{path}\n")
    assert usable_memory(tmp_path, own) == GB
    assert usable_cores(tmp_path, own) == 1


def test_first_version_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    group(tmp_path, "memory/docker/1", memory__limit_in_bytes=str(GB))
    group(tmp_path, "cpu,cpuacct/docker/1", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    lines = "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n1:name=systemd:/x\n0::/\n"
    own = belonging(tmp_path, lines)
    assert usable_memory(tmp_path, own) == GB
    assert usable_cores(tmp_path, own) == 1


@pytest.mark.parametrize("quota", ["max 100000", "-1 100000", "99999999 100000", "odd", ""])
def test_without_a_quota_all_cores_count(tmp_path: Path, quota: str) -> None:
    group(tmp_path, ".", cpu__max=quota)
    assert usable_cores(tmp_path, belonging(tmp_path, "0::/\n")) == CORES


@pytest.mark.parametrize("limit", ["max", "9223372036854771712", "", "odd", "0"])
def test_without_a_limit_all_memory_counts(tmp_path: Path, limit: str) -> None:
    group(tmp_path, ".", memory__max=limit)
    assert usable_memory(tmp_path, belonging(tmp_path, "0::/\n")) == PHYSICAL


def test_without_groups_all_counts(tmp_path: Path) -> None:
    assert usable_memory(tmp_path, tmp_path / "absent") == PHYSICAL
    assert usable_cores(tmp_path, tmp_path / "absent") == CORES
    assert 0 < usable_memory() <= PHYSICAL
    assert 0 < usable_cores() <= CORES
